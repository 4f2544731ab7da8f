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
