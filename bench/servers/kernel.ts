// The kernel's frame round a handler that does nothing, no database behind it. BENCH_WITHOUT switches parts off.
import { createSecretKey } from 'node:crypto';
import { Router } from 'express';
import { createAuthenticate } from '../../core/auth/authenticate.ts';
import { createPermissions } from '../../core/auth/permissions.ts';
import { createApp } from '../../core/http/app.ts';
import { createReadBody } from '../../core/http/body.ts';
import { openRateLimits } from '../../core/http/limit.ts';
import { securityHeaders } from '../../core/http/security.ts';
import { createLog } from '../../core/log/log.ts';
import { emptyRoute } from '../empty.ts';

const { BENCH_WITHOUT: without = '', BENCH_KEY = '', PORT, HOST = '' } = process.env;
const principal = { id: 1, kind: 'user', name: 'bench', role: 'admin' } as const;

const log = createLog(without === 'log' ? 'silent' : 'info');
const limits = await openRateLimits({ log });

const app = createApp({
  log,
  routes: [emptyRoute(without === 'token' ? 'public' : 'signed-in', without !== 'body')],
  authenticate: createAuthenticate(createSecretKey(Buffer.from(BENCH_KEY)), async () => principal),
  permissions: createPermissions(new Map()),
  transact: () => Promise.reject(new Error('The empty route writes nothing.')),
  secretFor: () => BENCH_KEY,
  readBody: createReadBody(),
  checkReplies: false,
  rateLimit: limits.create,
  ratePerMinute: without === 'limit' ? 0 : 1_000_000_000,
  corsOrigins: [],
  headers: securityHeaders(),
  trustProxy: false,
  health: (_req, res) => void res.end(),
  metrics: (_req, res) => void res.end(),
  docs: Router(),
  panel: undefined,
  closing: new AbortController().signal,
});
app.listen(Number(PORT), HOST);
