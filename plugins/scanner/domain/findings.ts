import type { Seen } from './conclude.ts';

/** What is taken of one answer of a probe. */
interface Answer {
  readonly address: string;
  readonly probe: string;
  readonly verdict: 'alive' | 'silent' | 'unknown';
  readonly rttMs?: number;
  readonly macs?: readonly string[];
  readonly ports?: readonly { readonly port: number; readonly state: string }[];
  readonly ptr?: string | null;
  readonly confirmed?: boolean;
  readonly error?: string;
}

/** Answers by address. */
export type Findings = Map<string, Answer[]>;

/** Adds an answer to those about its address; one that nobody asked about is dropped. */
export function gather(findings: Findings, answer: Answer): void {
  findings.get(answer.address)?.push(answer);
}

/** Probes that tell nothing of whether somebody is there where they have no answer. */
const sideways: ReadonlySet<string> = new Set(['arp', 'dns']);

/** One look at an address, all probes together: whoever answers one of them is there; who could not be asked is unknown. */
export function merged(answers: readonly Answer[] = []): Seen {
  const asking = answers.filter(({ probe }) => !sideways.has(probe));
  const isSeen = answers.some(({ probe, verdict }) => verdict === 'alive' && probe !== 'dns');
  const couldNotTell = asking.length === 0 || asking.some(({ verdict }) => verdict === 'unknown');
  const rtts = answers.flatMap(({ rttMs }) => rttMs ?? []);
  return {
    outcome: isSeen ? 'seen' : couldNotTell ? 'unknown' : 'missed',
    macs: isSeen ? [...new Set(answers.flatMap(({ macs = [] }) => macs))] : [],
    ptr: answers.find(({ ptr, confirmed }) => ptr && confirmed !== false)?.ptr ?? null,
    openPorts: [
      ...new Set(
        answers.flatMap(({ ports = [] }) =>
          ports.filter(({ state }) => state === 'open').map(({ port }) => port),
        ),
      ),
    ].sort((a, b) => a - b),
    rttMs: rtts.length > 0 ? Math.min(...rtts) : null,
    error: isSeen ? null : (asking.find(({ error }) => error !== undefined)?.error ?? null),
  };
}
