import autocannon from 'autocannon';

/** What is asked, by how many connections at once, and for how long: seconds, or a number of requests. */
export interface Load {
  url: string;
  method?: 'GET' | 'POST';
  token?: string;
  body?: unknown;
  /** Asked in turn instead of the path of `url`. */
  paths?: readonly string[];
  connections?: number;
  seconds?: number;
  amount?: number;
}

/** Requests answered, their rate per second, and how long they took in milliseconds. */
export interface Answered {
  requests: number;
  rate: number;
  p50: number;
  p95: number;
}

/** Runs one load and throws where any answer was not 2xx: a fast refusal must not count. */
export async function run(load: Load): Promise<Answered> {
  const { url, method = 'GET', token, body, paths, connections = 32, seconds = 5, amount } = load;
  const times: number[] = [];
  let began = 0;
  let last = 0;
  const options: autocannon.Options = {
    url,
    method,
    connections,
    timeout: 30,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(paths ? { requests: paths.map((path) => ({ path })) } : {}),
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
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return {
    requests: times.length,
    rate: (times.length * 1000) / (last - began),
    p50: at(0.5),
    p95: at(0.95),
  };
}
