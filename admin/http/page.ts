import { randomBytes } from 'node:crypto';

/** A page as it may be sent: its HTML, and the policy that lets exactly its own scripts run. */
export interface SafePage {
  html: string;
  policy: string;
}

/** Of an empty <style>, which styled-components puts in before it knows the nonce. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** JSON or text inside a <script>: what could end the script, or a line of it, is escaped. */
function inScript(text: string): string {
  return text
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}

/**
 * Makes AdminJS's page safe: a nonce of its own for every script and style, its state escaped, no other host asked, and
 * `assets` appended to the addresses of scripts and styles, so that they may be kept for ever.
 */
export function safePage(page: string, assets: string): SafePage {
  const nonce = randomBytes(16).toString('base64');
  const html = page
    // Not `.` and `$`: for those a line ends at U+2028 too, and a name may hold one.
    .replaceAll(
      /(\n *window\.(?:REDUX_STATE|THEME) = )([^\n]*);(?=\n)/g,
      (_line, start, json) => `${start}${inScript(json)};`,
    )
    .replaceAll(
      /JSON\.parse\('([^\n]*)'\);(?=\n)/g,
      (_call, json) => `JSON.parse(${inScript(JSON.stringify(json))});`,
    )
    // The tag alone: somebody's name may hold that text too, in the line of the state.
    .replaceAll(/<link\b[^>]*fonts\.googleapis\.com[^>]*>/g, '')
    .replaceAll(/((?:src|href)="[^"?]*\/frontend\/assets\/[^"?]*)"/g, `$1?v=${assets}"`)
    .replaceAll(/<(script|style)\b/g, `<$1 nonce="${nonce}"`)
    .replace(
      '<head>',
      `<head><script nonce="${nonce}">window.__webpack_nonce__ = ${JSON.stringify(nonce)};</script>`,
    );
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}' ${emptyStyle}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
