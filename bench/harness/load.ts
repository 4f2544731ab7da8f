import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';

/** What is asked, by how many connections at once, and for how long: seconds, or a number of requests. */
export interface Load {
  url: string;
  method?: 'GET' | 'POST';
  token?: string;
  body?: unknown;
  /** Asked in turn instead of the path of `url`. */
  paths?: readonly string[];
  /** Each request carries an Idempotency-Key of its own. */
  keyed?: boolean;
  /** Who asks: so that a baseline can be asked by the same. */
  by?: Generator | undefined;
  connections?: number;
  seconds?: number;
  amount?: number;
}

type Generator = 'h2load' | 'wrk' | 'autocannon';

/** Requests answered, their rate per second, and how long they took in milliseconds. */
export interface Answered {
  requests: number;
  rate: number;
  p50: number;
  p95: number;
}

/** All answers of a load: each one's time in milliseconds, and how long it took from the first request to the last answer. */
interface Taken {
  times: number[];
  milliseconds: number;
}

/**
 * Who makes the requests. The load shares the machine with what it measures: h2load (Debian: nghttp2-client) takes 5 µs for
 * a request, autocannon, which is there in any case, 40 µs, nearly as much as PostgreSQL does for an allocation.
 */
export const generator: 'h2load' | 'autocannon' =
  spawnSync('h2load', ['--version']).status === 0 ? 'h2load' : 'autocannon';

/** Who makes requests that differ in a header, which h2load cannot: wrk (Debian: wrk) or autocannon. */
export const keyedGenerator: 'wrk' | 'autocannon' =
  spawnSync('wrk', ['--version']).error === undefined ? 'wrk' : 'autocannon';

/**
 * What a generator is started by: to the scheduler it is work in the background (SCHED_BATCH; chrt is part of util-linux). It is
 * woken by every answer, and would take the server's core from it each time, as no client on another machine does.
 */
const inBackground = spawnSync('chrt', ['--batch', '0', 'true']).status === 0 ? ['chrt', '--batch', '0'] : [];

/** Where a generator writes down what it was answered: in memory, where there is such a folder, for the disk is the database's. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Runs a generator, and answers what it printed. */
async function generate(command: string, options: readonly string[]): Promise<string> {
  const [program = command, ...rest] = [...inBackground, command, ...options];
  return (await promisify(execFile)(program, rest)).stdout;
}

/** Runs one load and throws where any answer was not 2xx: a fast refusal must not count. */
export async function run(load: Load): Promise<Answered> {
  const by = load.by ?? (load.keyed ? keyedGenerator : generator);
  if (by === 'wrk') return byWrk(load);
  const { times, milliseconds } = await (by === 'h2load' ? byH2load : byAutocannon)(load);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { requests: times.length, rate: (times.length * 1000) / milliseconds, p50: at(0.5), p95: at(0.95) };
}

function headersOf({ body, token }: Load): Record<string, string> {
  return {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

async function byH2load(load: Load): Promise<Taken> {
  const { url, method = 'GET', body, paths, connections = 32, seconds = 5, amount } = load;
  const folder = await mkdtemp(join(memory, 'cadastre-load-'));
  const file = (name: string) => join(folder, name);
  try {
    const options = ['--h1', '--threads=1', `--clients=${connections}`, `--log-file=${file('log')}`];
    options.push('-H', `:method: ${method}`);
    for (const [name, value] of Object.entries(headersOf(load))) options.push('-H', `${name}: ${value}`);
    options.push(amount === undefined ? `--duration=${seconds}` : `--requests=${amount}`);
    if (body !== undefined) {
      await writeFile(file('body'), JSON.stringify(body));
      options.push(`--data=${file('body')}`);
    }
    if (paths) {
      await writeFile(file('urls'), paths.map((path) => new URL(path, url).href).join('\n'));
      options.push(`--input-file=${file('urls')}`);
    } else options.push(url);
    const stdout = await generate('h2load', options);
    // Those that the end of the time cut off have no line in the log, and count neither way.
    const answers = (await readFile(file('log'), 'utf8')).trimEnd().split('\n');
    const times: number[] = [];
    let [began, ended] = [Number.POSITIVE_INFINITY, 0];
    for (const line of answers) {
      const [start = 0, status = 0, microseconds = 0] = line.split('\t').map(Number);
      if (status < 200 || status > 299) throw new Error(`${url}: an answer was ${status}.\n${stdout}`);
      times.push(microseconds / 1000);
      began = Math.min(began, start);
      ended = Math.max(ended, start + microseconds);
    }
    if (amount !== undefined && times.length < amount)
      throw new Error(`${url}: ${amount - times.length} requests were not answered.\n${stdout}`);
    return { times, milliseconds: (ended - began) / 1000 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function byAutocannon(load: Load): Promise<Taken> {
  const { url, method = 'GET', body, paths, connections = 32, seconds = 5, amount } = load;
  const times: number[] = [];
  let began = 0;
  let last = 0;
  const options: autocannon.Options = {
    url,
    method,
    connections,
    timeout: 30,
    headers: headersOf(load),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(paths ? { requests: paths.map((path) => ({ path })) } : {}),
    ...(load.keyed
      ? {
          requests: [
            {
              setupRequest: (request: object) => ({
                ...request,
                headers: { ...headersOf(load), 'idempotency-key': randomUUID() },
              }),
            },
          ],
        }
      : {}),
    ...(amount === undefined ? { duration: seconds } : { amount }),
  };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(options, (fault, found) => (fault ? reject(fault) : resolve(found)));
    instance.on('response', (_client, _status, _bytes, milliseconds) => {
      times.push(milliseconds);
      last = performance.now();
      // Not earlier: building the requests of many paths takes its time.
      began ||= last - milliseconds;
    });
  });
  const { non2xx, errors, timeouts } = result;
  if (non2xx + errors + timeouts > 0) {
    throw new Error(`${url}: ${non2xx} answers were not 2xx, ${errors} failed, ${timeouts} timed out.`);
  }
  return { times, milliseconds: last - began };
}

/** wrk counts whole seconds, and no requests. */
async function byWrk(load: Load): Promise<Answered> {
  const { url, method = 'GET', body, keyed, connections = 32, seconds = 5 } = load;
  const folder = await mkdtemp(join(memory, 'cadastre-load-'));
  const headers = Object.entries(headersOf(load)).map(([name, value]) => `['${name}'] = '${value}'`);
  try {
    const script = join(folder, 'load.lua');
    await writeFile(
      script,
      `local asked = 0
       local headers = { ${headers.join(', ')} }
       request = function()
         asked = asked + 1
         ${keyed ? `headers['idempotency-key'] = '${randomUUID()}-' .. asked` : ''}
         return wrk.format('${method}', nil, headers, ${body === undefined ? 'nil' : `'${JSON.stringify(body)}'`})
       end
       done = function(summary, latency)
         local e = summary.errors
         io.write(string.format('RESULT %d %d %d %d %d\\n', summary.requests, summary.duration,
           latency:percentile(50), latency:percentile(95), e.connect + e.read + e.write + e.status + e.timeout))
       end`,
    );
    const stdout = await generate('wrk', [
      '--threads=1',
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      `--script=${script}`,
      url,
    ]);
    const [requests = 0, microseconds = 0, p50 = 0, p95 = 0, wrong = 0] =
      /RESULT (.*)/.exec(stdout)?.[1]?.split(' ').map(Number) ?? [];
    if (requests === 0 || wrong > 0) throw new Error(`${url}: ${wrong} answers were not 2xx.\n${stdout}`);
    return { requests, rate: (requests * 1e6) / microseconds, p50: p50 / 1000, p95: p95 / 1000 };
  } finally {
    await rm(folder, { recursive: true });
  }
}
