import { Router } from 'express';
import { redacted } from '../log/redact.ts';
import { withTimeout } from '../timeout.ts';
import { sendJson } from './answer.ts';

type Check = () => Promise<void>;

/** The longest that one readiness check may take, in milliseconds. */
const checkTimeout = 2_000;

/** Answers liveness at once and readiness from the given checks, each within two seconds. */
export function createHealth(checks: () => Record<string, Check>, isStopping: () => boolean): Router {
  const router = Router();
  router.get('/live', (_req, res) => sendJson(res, 200, { status: 'live' }));
  router.get('/ready', async (_req, res) => {
    const results = await Promise.all(
      Object.entries(checks()).map(async ([name, check]) => [name, await verdict(check)] as const),
    );
    const stopping = isStopping();
    const ready = !stopping && results.every(([, said]) => said === 'ok');
    if (!ready) res.setHeader('Retry-After', '2');
    sendJson(res, ready ? 200 : 503, {
      status: stopping ? 'stopping' : ready ? 'ready' : 'not ready',
      checks: Object.fromEntries(results),
    });
  });
  return router;
}

async function verdict(check: Check): Promise<string> {
  try {
    await withTimeout(check(), checkTimeout, `no answer within ${checkTimeout / 1000} s`);
    return 'ok';
  } catch (fault) {
    return redacted((fault as Error).message);
  }
}
