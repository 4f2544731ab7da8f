import type { Log } from '../log/log.ts';
import { withTimeout } from '../timeout.ts';
import type { AnyPlugin } from './define.ts';
import type { PluginStatus } from './registry.ts';
import type { Running } from './running.ts';

interface CrewOptions {
  /** Ours: one that fails stops the boot, and so does any that fails where `strict`. */
  readonly builtIn: ReadonlySet<AnyPlugin>;
  readonly strict: boolean;
  /** The longest that one plugin may take for one phase, in milliseconds. */
  readonly phaseTimeout: number;
  readonly log: Log;
  /** Takes back what a plugin has claimed. */
  release(plugin: AnyPlugin): void;
  /** Takes back what a plugin that ran has hung up in the kernel. */
  forget(name: string): void;
}

/** The plugins that go through the phases of a boot together, and what became of those that were left behind. */
export class Crew {
  readonly running = new Map<string, Running>();
  readonly #options: CrewOptions;
  readonly #troubles = new Map<AnyPlugin, Pick<PluginStatus, 'state' | 'why'>>();

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** How a plugin is, and why if it does not run. */
  fate(plugin: AnyPlugin): Pick<PluginStatus, 'state' | 'why'> {
    return this.#troubles.get(plugin) ?? { state: 'running', why: null };
  }

  isSound(plugin: AnyPlugin): boolean {
    return !this.#troubles.has(plugin);
  }

  /** Lets a plugin take part, with nothing brought yet. */
  admit(plugin: AnyPlugin): void {
    const nothing = { config: undefined, models: {}, api: undefined, routes: [], jobs: [], metrics: {} };
    this.running.set(plugin.name, { plugin, ...nothing });
  }

  /** Leaves a plugin behind, saying why. Throws where the boot cannot go on without it. */
  setAside(plugin: AnyPlugin, state: 'incompatible' | 'failed', why: string): void {
    const { builtIn, strict, log, release, forget } = this.#options;
    if (builtIn.has(plugin) || strict) throw new Error(`The plugin ${plugin.name} is ${state}: ${why}`);
    log.error({ plugin: plugin.name, state, why }, 'plugin set aside');
    this.#troubles.set(plugin, { state, why });
    release(plugin);
    // A second plugin of a name must not take the first one's things away.
    if (this.running.get(plugin.name)?.plugin !== plugin) return;
    this.running.delete(plugin.name);
    forget(plugin.name);
  }

  /** Does a piece of work of one plugin, which is set aside where that fails or takes longer than `limit` milliseconds. */
  async attempt(
    plugin: AnyPlugin,
    what: string,
    work: () => unknown,
    limit = this.#options.phaseTimeout,
  ): Promise<void> {
    try {
      const done = Promise.resolve().then(work);
      await (limit === Number.POSITIVE_INFINITY
        ? done
        : withTimeout(done, limit, `it took over ${limit} ms`));
    } catch (fault) {
      this.setAside(plugin, 'failed', `${what}: ${(fault as Error)?.message ?? fault}`);
    }
  }

  /** Has each plugin that still runs do its part of a phase, in order. A `patient` phase waits for ours as long as it takes. */
  async phase(
    what: string,
    work: (entry: Running) => unknown,
    { patient = false }: { patient?: boolean } = {},
  ): Promise<void> {
    for (const entry of [...this.running.values()]) {
      const { plugin } = entry;
      const absent = (plugin.definition.requires ?? []).find(({ name }) => !this.running.has(name));
      const limit = patient && this.#options.builtIn.has(plugin) ? Number.POSITIVE_INFINITY : undefined;
      if (absent) this.setAside(plugin, 'failed', `it requires ${absent.name}, which cannot run`);
      else await this.attempt(plugin, what, () => work(entry), limit);
    }
  }
}
