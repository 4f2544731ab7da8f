import type { RequestHandler } from 'express';
import { kernelErrors } from '#core';

/** Refuses every request that changes something and does not come from a page of this very origin (403). */
export function sameOrigin(): RequestHandler {
  return (req, _res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    // Both as a believed proxy says that they were.
    const own = `${req.protocol}://${req.host}`;
    const said = req.headers.origin ?? originOf(req.headers.referer);
    const site = req.headers['sec-fetch-site'];
    const isOurs = said === undefined ? site === 'same-origin' : said === own;
    if (isOurs) return next();
    throw kernelErrors.forbidden(`A page of ${said ?? 'another origin'} may not do this; ${own} may.`);
  };
}

function originOf(referer: string | undefined): string | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined;
}

const thisMachine = /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?)$/;

/**
 * Marks the session's cookie as one for HTTPS alone. Over plain HTTP browsers drop such a cookie, unless the server is this very
 * machine, and a sign-in would seem to do nothing: it is refused (403), and told why.
 */
export function httpsAlone(): RequestHandler {
  return (req, _res, next) => {
    const mayKeepCookie = req.secure || thisMachine.test(req.hostname ?? '');
    // What express-session goes by.
    Object.defineProperty(req, 'secure', { value: true });
    if (mayKeepCookie || req.method === 'GET' || req.method === 'HEAD') return next();
    throw kernelErrors.forbidden(
      'In production the panel is for HTTPS alone: set TLS_CERT and TLS_KEY, or TRUST_PROXY where a proxy ends TLS.',
    );
  };
}
