import { BlockList } from 'node:net';
import { run } from './command.ts';
import type { Target } from './probe.ts';

/** A line of `ip -j route`, as far as it matters here. */
interface RouteLine {
  readonly type?: string;
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly via?: unknown;
  readonly nexthops?: readonly unknown[];
  readonly metric?: number;
  readonly flags?: readonly string[];
}

interface Route {
  readonly covers: BlockList;
  readonly length: number;
  readonly metric: number;
  readonly line: RouteLine;
}

type Asked = Pick<Target, 'address' | 'family'>;

/**
 * The kernel's routes (main table), to tell a host that is silent from a way that leads nowhere, and what is on the link. Where they are
 * not to be had (no iproute2), nothing is known, and silence stays silence.
 */
export class Routes {
  readonly #of: Record<4 | 6, readonly Route[]>;

  private constructor(of: Record<4 | 6, readonly Route[]>) {
    this.#of = of;
  }

  static async read(signal: AbortSignal): Promise<Routes> {
    return new Routes({ 4: await routes(4, signal), 6: await routes(6, signal) });
  }

  /** Why nothing that is sent to it can arrive, as one sentence; null where it can, or where that is not known. */
  obstacle(target: Asked): string | null {
    const line = this.#match(target);
    if (!line) return null;
    if (line.type && ['unreachable', 'blackhole', 'prohibit', 'throw'].includes(line.type)) {
      return `The route to ${line.dst} is ${line.type}.`;
    }
    const isDown = line.flags?.some((flag) => flag === 'linkdown' || flag === 'dead');
    return isDown ? `The link of ${line.dev ?? 'the next hop'} is down.` : null;
  }

  /** The interface on whose link it lies; null where a router stands between. */
  link(target: Asked): string | null {
    const line = this.#match(target);
    if (!line?.dev || line.dev === 'lo' || line.type) return null;
    return line.gateway || line.via || line.nexthops ? null : line.dev;
  }

  /** The longest match, and of equal ones the lowest metric. */
  #match({ address, family }: Asked): RouteLine | undefined {
    return this.#of[family].find(({ covers }) => covers.check(address, `ipv${family}`))?.line;
  }
}

async function routes(family: 4 | 6, signal: AbortSignal): Promise<readonly Route[]> {
  const lines = await ipJson<RouteLine>([`-${family}`, 'route', 'show'], signal);
  return lines
    .map((line) => asRoute(line, family))
    .sort((a, b) => b.length - a.length || a.metric - b.metric);
}

function asRoute(line: RouteLine, family: 4 | 6): Route {
  const all = family === 4 ? '0.0.0.0/0' : '::/0';
  const [network = '', length] = (line.dst === 'default' ? all : line.dst).split('/');
  const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
  const covers = new BlockList();
  covers.addSubnet(network, bits, `ipv${family}`);
  return { covers, length: bits, metric: line.metric ?? 0, line };
}

/** What `ip -j` lists; nothing where there is no such program or it fails. */
export async function ipJson<T>(args: readonly string[], signal: AbortSignal): Promise<readonly T[]> {
  let text = '';
  const { code } = await run({
    program: 'ip',
    args: ['-j', ...args],
    signal,
    onLine: (line) => {
      text += line;
    },
  });
  if (code !== 0 || text === '') return [];
  return JSON.parse(text) as T[];
}

/** Reads the routes when first asked, and anew when they are a second old. */
export function routesOfNow(signal: AbortSignal): () => Promise<Routes> {
  let readAt = Number.NEGATIVE_INFINITY;
  let read: Promise<Routes> | undefined;
  return () => {
    if (!read || performance.now() - readAt > 1000) {
      readAt = performance.now();
      read = Routes.read(signal);
    }
    return read;
  };
}
