import { Faults, type FieldError, invalidRequest } from '#core';
import type { Catalogue } from './catalogue.ts';
import type { NotifierKind } from './kinds.ts';
import type { Vault } from './vault.ts';

type Values = Readonly<Record<string, unknown>>;
/** Secret settings by name, as they are kept. */
export type Kept = Readonly<Record<string, string>>;

/** What a body says of settings. */
interface Said {
  settings?: Values | undefined;
  /** null takes one away. */
  secrets?: Readonly<Record<string, string | null>> | null | undefined;
}

/** What of a notifier is written to its columns. */
export interface Settled {
  settings: Values;
  secrets: Kept | null;
}

const mustBe = (path: string, code: string, message: string): FieldError => ({ path, code, message });

/** Makes what checks settings by the kind they are for, and parts those that are secret from those that are not. */
export function createSettings(catalogue: Catalogue, vault: Vault) {
  /** The kind of a name; throws 422 where there is none, or where it cannot be used as things are. */
  function kindOf(name: string): NotifierKind {
    const kind = catalogue.kind(name);
    const why = kind
      ? kind.unusable?.()
      : `There is no such kind; there are ${catalogue
          .kinds()
          .map((each) => each.name)
          .join(', ')}.`;
    if (!kind || why)
      throw invalidRequest([mustBe('body.kind', kind ? 'unusable' : 'not-found', why as string)]);
    return kind;
  }

  /** Those that can still be opened. */
  function opened(kept: Kept): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [name, closed] of Object.entries(kept)) {
      try {
        found[name] = vault.open(name, closed);
      } catch {
        // It is lost; that it is missing is said where the kind needs it.
      }
    }
    return found;
  }

  return {
    /** Throws 422 for names of events that nobody may be told of. */
    demandEvents(names: readonly string[]): void {
      const known = catalogue.events().map(({ event }) => event);
      const faults = names.flatMap((name, at) =>
        known.includes(name)
          ? []
          : [
              mustBe(
                `body.events.${at}`,
                'not-found',
                `Nobody can be told of "${name}"; there are ${known.join(', ') || 'no events'}.`,
              ),
            ],
      );
      if (faults.length > 0) throw invalidRequest(faults);
    },

    /** What is kept of what a body says, beside what is kept already. Throws 422 where it does not fit the kind. */
    settle(kindName: string, said: Said, current: Settled = { settings: {}, secrets: null }): Settled {
      const kind = kindOf(kindName);
      const secret = new Set<string>(kind.secrets ?? []);
      const stored = current.secrets ?? {};
      const before = said.secrets === null ? {} : opened(stored);
      const foreign = Object.keys(said.secrets ?? {}).filter((name) => !secret.has(name));
      if (foreign.length > 0) {
        const known = [...secret].join(', ') || 'none';
        throw invalidRequest(
          foreign.map((name) =>
            mustBe(
              `body.secrets.${name}`,
              'unknown-key',
              `It is no secret of this kind; there are: ${known}.`,
            ),
          ),
        );
      }
      const whole = Object.fromEntries(
        Object.entries({ ...before, ...(said.settings ?? current.settings), ...said.secrets }).filter(
          ([, value]) => value !== null,
        ),
      );
      const faults = new Faults();
      const parsed = faults.check('body.settings', kind.settings, whole);
      const problem = faults.problem();
      if (problem) throw problem;
      const all = Object.entries(parsed ?? {}).filter(([, value]) => value !== undefined);
      const own = all.filter(([name]) => secret.has(name)) as [string, string][];
      return {
        settings: Object.fromEntries(all.filter(([name]) => !secret.has(name))),
        secrets:
          own.length === 0
            ? null
            : Object.fromEntries(
                own.map(([name, value]) => {
                  const kept = stored[name];
                  // What is the same stays as it is kept, and is no change.
                  return [name, kept && before[name] === value ? kept : vault.close(name, value)];
                }),
              ),
      };
    },

    /** All settings of a notifier, as its kind takes them; throws where a secret one cannot be opened. */
    whole(kind: NotifierKind, { settings, secrets }: Settled): Record<string, unknown> {
      const own = Object.entries(secrets ?? {}).map(([name, kept]) => [name, vault.open(name, kept)]);
      return kind.settings.parse({ ...settings, ...Object.fromEntries(own) });
    },

    /** A text without the secrets of a notifier, for messages that others wrote. */
    without(secrets: Kept | null, text: string): string {
      const values = Object.values(opened(secrets ?? {})).filter((value) => value.length >= 4);
      return values.reduce((rest, value) => rest.replaceAll(value, '…'), text);
    },
  };
}

export type SettingsApi = ReturnType<typeof createSettings>;
