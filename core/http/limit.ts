import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { kernelErrors } from '../errors/kernel-errors.ts';

/** Allows `perMinute` requests per client address and minute, with RateLimit headers; then 429 with Retry-After. 0 turns it off. */
export function createRateLimit(perMinute: number): RequestHandler | undefined {
  if (perMinute === 0) return undefined;
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    validate: false,
    handler: (_req, res, next) => {
      const wait = String(res.getHeader('Retry-After') ?? 60);
      next(
        kernelErrors.tooManyRequests(`More than ${perMinute} requests in a minute; try again in ${wait} s.`, {
          headers: { 'Retry-After': wait },
        }),
      );
    },
  });
}
