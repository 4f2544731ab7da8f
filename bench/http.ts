import { createSecretKey, randomBytes } from 'node:crypto';
import { createIssueToken } from '../core/auth/tokens.ts';
import { type Child, startChild } from './harness/child.ts';
import { type Load, run } from './harness/load.ts';
import { reportProfile } from './harness/profile.ts';
import { Report } from './harness/report.ts';
import { Rounds, sample } from './harness/rounds.ts';

const expressServer = new URL('./servers/express.ts', import.meta.url);
const kernelServer = new URL('./servers/kernel.ts', import.meta.url);
const goal = 0.3;
const parts = ['token', 'body', 'log', 'limit'] as const;
const body = { name: 'printer-2', count: 3 };

/** The kernel's frame round an empty handler against Express alone, and what each part of the frame costs. */
async function main(): Promise<void> {
  const report = new Report('The HTTP frame');
  const key = randomBytes(32).toString('base64url');
  const token = createIssueToken(createSecretKey(Buffer.from(key)))('user:1', {}, 900);
  const children: Child[] = [];
  const start = async (script: URL, env: NodeJS.ProcessEnv) => {
    const child = await startChild(script, { BENCH_KEY: key, ...env });
    children.push(child);
    return child;
  };
  try {
    const express = await start(expressServer, {});
    const kernel = await start(kernelServer, {});
    const plain = (path: string): Load => ({ url: `${express.url}${path}`, method: 'POST', body });
    const framed = ({ url }: Child): Load => ({
      url: `${url}/api/v1/bench/empty`,
      method: 'POST',
      body,
      token,
    });

    for (const load of [plain('/empty'), plain('/json-out'), plain('/json-in-out'), framed(kernel)]) {
      await run({ ...load, seconds: 2 });
    }
    const rounds = await Rounds.of(
      {
        'Express, empty answer': () => sample(express, plain('/empty')),
        Express: () => sample(express, plain('/json-out')),
        'Express with express.json': () => sample(express, plain('/json-in-out')),
        Cadastre: () => sample(kernel, framed(kernel)),
      },
      3,
    );
    const names = ['Express, empty answer', 'Express', 'Express with express.json', 'Cadastre'] as const;
    report.table(
      ['one POST, 32 connections', 'requests/s', 'to Express', 'server CPU µs', 'p50 ms', 'p95 ms'],
      names.map((name) => [
        name,
        rounds.of(name, ({ rate }) => rate),
        rounds.ratio(name, 'Express'),
        rounds.of(name, ({ cpu }) => cpu),
        rounds.of(name, ({ p50 }) => p50),
        rounds.of(name, ({ p95 }) => p95),
      ]),
    );
    report.goal('the rate of the frame to that of Express alone', rounds.ratio('Cadastre', 'Express'), goal);

    await partsOff(report, kernel, framed, start);

    await reportProfile(report, 'the frame', kernel, framed(kernel));
    report.end();
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** The same frame with one part switched off at a time: the difference is what the part costs. */
async function partsOff(
  report: Report,
  kernel: Child,
  framed: (child: Child) => Load,
  start: (script: URL, env: NodeJS.ProcessEnv) => Promise<Child>,
): Promise<void> {
  const cases: Record<string, () => ReturnType<typeof sample>> = {
    whole: () => sample(kernel, { ...framed(kernel), seconds: 3 }),
  };
  for (const part of parts) {
    const child = await start(kernelServer, { BENCH_WITHOUT: part });
    const { body: sent, token, ...bare } = framed(child);
    const load = {
      ...bare,
      ...(part === 'body' ? {} : { body: sent }),
      ...(part === 'token' ? {} : { token }),
    };
    await run({ ...load, seconds: 2 });
    cases[part] = () => sample(child, { ...load, seconds: 3 });
  }
  const rounds = await Rounds.of(cases, 3);
  const cpu = (name: string) => rounds.of(name, (taken) => taken.cpu);
  report.table(
    ['part of the frame', 'CPU µs/request'],
    [
      ...parts.map((part) => [part, cpu('whole') - cpu(part)] as const),
      [
        'the rest: Node, Express, headers, reply',
        parts.reduce((rest, part) => rest - (cpu('whole') - cpu(part)), cpu('whole')),
      ],
    ],
  );
}

await main();
