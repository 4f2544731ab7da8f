import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** Names and values of headers. */
export type Headers = ReadonlyArray<readonly [string, string]>;

/**
 * The headers that every answer carries, worked out by helmet once: they are the same for each request. `xssProtection` is for
 * browsers that still have the filter that others dropped; it can be made to open holes, and so is off unless told.
 */
export function securityHeaders(xssProtection = '0'): Headers {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  })(request, response, () => undefined);
  const headers = Object.entries(response.getHeaders()).map(
    ([name, value]) => [name, String(value)] as const,
  );
  const others = headers.filter(([name]) => name !== 'x-xss-protection');
  return Object.freeze([
    ...others,
    ['X-XSS-Protection', xssProtection] as const,
    ['Cache-Control', 'no-store'] as const,
  ]);
}
