import { Router } from 'express';
import { redacted } from '../log/redact.ts';
import { withTimeout } from '../timeout.ts';
import { sendJson } from './answer.ts';

type Check = () => Promise<void>;

/** The longest that one readiness check may take, in milliseconds. */
const checkTimeout = 2_000;

/**
 * Answers liveness at once and readiness from the given checks, each within two seconds. What `asides` check is told, and does not
 * matter: without it the process still serves.
 */
export function createHealth(
  checks: () => Record<string, Check>,
  asides: () => Record<string, Check>,
  isStopping: () => boolean,
): Router {
  const router = Router();
  router.get('/live', (_req, res) => sendJson(res, 200, { status: 'live' }));
  router.get('/ready', async (_req, res) => {
    const [results, told] = await Promise.all([verdicts(checks()), verdicts(asides())]);
    const stopping = isStopping();
    const ready = !stopping && results.every(([, said]) => said === 'ok');
    if (!ready) res.setHeader('Retry-After', '2');
    sendJson(res, ready ? 200 : 503, {
      status: stopping ? 'stopping' : ready ? 'ready' : 'not ready',
      checks: Object.fromEntries([...results, ...told]),
    });
  });
  return router;
}

function verdicts(checks: Record<string, Check>): Promise<(readonly [string, string])[]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await verdict(check)] as const),
  );
}

async function verdict(check: Check): Promise<string> {
  try {
    await withTimeout(check(), checkTimeout, `no answer within ${checkTimeout / 1000} s`);
    return 'ok';
  } catch (fault) {
    return redacted((fault as Error).message);
  }
}
