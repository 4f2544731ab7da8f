import { definePlugin } from '#core';
import { type Finding, scanner, scanProbes } from '../index.ts';

interface Wire {
  /** Who answers, by address; everybody else is silent. */
  readonly network: ReadonlyMap<string, Partial<Finding>>;
  /** Before an address is asked; may wait, and throws where the scan is cancelled meanwhile. */
  asking?(address: string, signal: AbortSignal): unknown;
  /** After the last address of a chunk. */
  asked?(): unknown;
}

/** A plugin whose probe `wire` asks a network that a test holds in its hands. */
export const wirePlugin = ({ network, asking, asked }: Wire) =>
  definePlugin({
    name: 'wire',
    version: '1.0.0',
    engine: '^1.0.0',
    summary: 'A network that a test holds in its hands.',
    requires: [scanner],
    setup: (ctx) =>
      ctx.extend(scanProbes, {
        name: 'wire',
        async *probe(targets, { signal }) {
          for await (const { address } of targets) {
            await asking?.(address, signal);
            yield { address, probe: 'wire', verdict: 'silent', ...network.get(address) };
          }
          await asked?.();
        },
      }),
  });
