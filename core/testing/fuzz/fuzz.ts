import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { Format } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { createIssueToken } from '../../auth/tokens.ts';
import type { TestRegister } from '../register.ts';
import { createCheck, type FuzzAnswer } from './answers.ts';
import { operationsOf, readDocument } from './document.ts';
import { type FuzzRequest, requestsOf } from './requests.ts';
import { Values, type Vocabulary } from './values.ts';

export interface FuzzOptions extends Vocabulary {
  register: TestRegister;
  seed: number;
  /** How long, in milliseconds, requests are sent. */
  for: number;
  /** What the formats of answers look like. */
  checks: Record<string, Format>;
  /** Paths of routes that take long by design (they compare passwords), and are asked seldom. */
  seldom?: readonly string[];
}

/** How many kinds of faults are told of. */
const mostFaults = 20;
/** How many requests are under way at once. */
const lanes = 8;
/** How long, in milliseconds, a stream of events is listened to: it may tell for ever. */
const patience = 100;

/** Asks every route that the document of a register has; throws where answers are not as it declares, with one of each kind. Answers the count by status. */
export async function fuzz(options: FuzzOptions): Promise<Record<number, number>> {
  const { register, seed, seldom = [] } = options;
  const document = await readDocument(register.url);
  const values = new Values(document, options);
  const check = createCheck(document, options.checks);
  const cursors: string[] = [];
  const requests = fc.oneof(
    ...operationsOf(document).map((operation) => ({
      arbitrary: requestsOf(operation, values, cursors),
      // What is deleted cannot be asked any more.
      weight: seldom.includes(operation.path) ? 1 : operation.method === 'delete' ? 4 : 20,
    })),
  );
  const tokens = tokensOf(register);
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const base = `${register.url}${document.servers[0]?.url}`;
  const statuses: Record<number, number> = {};
  const faults = new Map<string, string>();

  async function ask(asked: FuzzRequest): Promise<void> {
    const answer = await send(agent, base, asked, tokens[asked.as]);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    try {
      check(asked.operation, answer);
    } catch (fault) {
      const { operation, as, path, headers, body = '' } = asked;
      const sent = `${operation.method} ${path}\n${JSON.stringify(headers)}\n${body.slice(0, 1_000)}`;
      const got = `${answer.status} ${answer.type}\n${answer.text.slice(0, 1_500)}`;
      const [what = ''] = (fault as Error).message.split('\n\n', 1);
      const kind = `${operation.method} ${operation.path} ${answer.status} ${what}`;
      if (faults.size < mostFaults || faults.has(kind))
        faults.set(kind, `SEED=${seed}, as ${as}: ${sent}\n${got}`);
    }
    const [, cursor] = /"nextCursor":"([^"]+)"/.exec(answer.text) ?? [];
    if (cursor !== undefined)
      cursors[Math.floor(cursors.length < 50 ? cursors.length : answer.text.length % 50)] = cursor;
  }

  const until = performance.now() + options.for;
  try {
    for (let batch = 0; performance.now() < until; batch += 1) {
      const waiting = fc.sample(requests, { numRuns: 100, seed: seed + batch });
      const lane = async () => {
        for (let next = waiting.pop(); next; next = waiting.pop()) await ask(next);
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    }
  } finally {
    agent.destroy();
  }
  const told = [...faults].map(([kind, occasion]) => `${kind}\n${occasion}`);
  assert.equal(faults.size, 0, told.join('\n\n'));
  return statuses;
}

function tokensOf({ tokenKey }: TestRegister): Record<string, string> {
  const issue = createIssueToken(tokenKey);
  const roles = ['admin', 'engineer', 'auditor', 'viewer'];
  const good = roles.map((role) => [role, issue(`test:${role}`, { role }, 3_600)]);
  return { ...Object.fromEntries(good), forger: 'eyJhbGciOiJub25lIn0.e30.' };
}

function send(
  agent: Agent,
  base: string,
  asked: FuzzRequest,
  token: string | undefined,
): Promise<FuzzAnswer> {
  const { operation, path, body } = asked;
  const headers = {
    ...asked.headers,
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(base);
    const options = {
      agent,
      hostname,
      port,
      method: operation.method.toUpperCase(),
      path: `${pathname}${path}`,
      headers,
    };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      const type = response.headers['content-type'] ?? '';
      const end = () => {
        resolve({ status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() });
        response.destroy();
      };
      if (type.startsWith('text/event-stream')) setTimeout(end, patience);
      else response.once('end', end);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
