import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Log } from '../log/log.ts';
import { type SharedCounts, sharedCounts } from './shared-counts.ts';

/**
 * Makes a limit of `perMinute` requests per client address and minute, with RateLimit headers; then 429 with Retry-After.
 * Limits of one name share a count. Undefined, and no limit, for 0.
 */
export type CreateRateLimit = (name: string, perMinute: number) => RequestHandler | undefined;

/** The limits of one process. */
export interface RateLimits {
  create: CreateRateLimit;
  /** Lets go of Redis. */
  stop(): void;
}

const window = 60_000;

/** Makes limits that every process on one Redis counts for together; without `redisUrl`, and while Redis is away, each alone. */
export async function openRateLimits(options: {
  redisUrl?: string | undefined;
  log: Log;
}): Promise<RateLimits> {
  const { redisUrl, log } = options;
  const shared: SharedCounts | undefined = redisUrl ? await sharedCounts(redisUrl, log) : undefined;
  return {
    create(name, perMinute) {
      if (perMinute === 0) return undefined;
      return rateLimit({
        windowMs: window,
        limit: perMinute,
        standardHeaders: 'draft-7',
        legacyHeaders: false,
        // Whoever has one address of IPv6 has the whole /64 that it lies in (RFC 6177).
        ipv6Subnet: 64,
        validate: false,
        ...(shared ? { store: shared.store(name) } : {}),
        handler: (_req, res, next) => {
          const wait = String(res.getHeader('Retry-After') ?? 60);
          const detail = `More than ${perMinute} requests in a minute; try again in ${wait} s.`;
          next(kernelErrors.tooManyRequests(detail, { headers: { 'Retry-After': wait } }));
        },
      });
    },
    stop: () => shared?.close(),
  };
}
