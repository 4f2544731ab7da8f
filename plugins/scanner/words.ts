import type { ComparedLine, ShownFacts, ShownRow } from '#core';
import { isSameHost } from './domain/conclude.ts';

// What the buttons of the two inboxes would do to an address, why they cannot be pressed, and what scans came to, in words.

interface Recorded {
  status?: string | null;
  hostname?: string | null;
  macs?: readonly string[];
  device?: string | null;
}
interface Observed {
  macs?: readonly string[];
  ptr?: string | null;
}

interface ConflictRow {
  address: string;
  addressId: number | null;
  kind: string;
  state: string;
  formerStatus: string | null;
  recorded: Recorded;
  observed: Observed;
  resolution: string | null;
  resolvedBy: string | null;
}

const conflictIn = (row: ShownRow) => row as unknown as ConflictRow;
/** A host name as people write it. */
export const withoutDot = (name: string) => name.replace(/\.$/, '');

/** What stands in the register beside what was observed. */
export function comparedLines(row: ShownRow): ComparedLine[] {
  const { recorded, observed, formerStatus } = conflictIn(row);
  const [known, seen] = [recorded.macs ?? [], observed.macs ?? []];
  const isOther = known.length > 0 && seen.some((mac) => !known.includes(mac));
  const [name = null, ptr = null] = [recorded.hostname, observed.ptr];
  return [
    {
      label: 'MAC',
      before: known.join(', ') || null,
      after: seen.join(', ') || null,
      differs: isOther || seen.length > 1,
    },
    {
      label: 'Host name',
      before: name,
      after: ptr,
      differs: name !== null && ptr !== null && !isSameHost(name, ptr),
    },
    { label: 'Device', before: recorded.device ?? null, after: null, differs: false },
    { label: 'Status', before: formerStatus ?? recorded.status ?? null, after: null, differs: false },
  ];
}

const gone = 'The address is not registered any more: this only closes the conflict.';

function again({ formerStatus }: ConflictRow): string {
  return formerStatus === null
    ? ''
    : ` It is ${formerStatus} again, unless another conflict keeps it in quarantine.`;
}

/** What the register would take over: the MAC that it does not know, or the name. */
function acceptable({ kind, recorded, observed }: ConflictRow): string | undefined {
  if (kind === 'hostname-mismatch') return observed.ptr ? `host name ${withoutDot(observed.ptr)}` : undefined;
  const { macs = [] } = observed;
  const mac = macs.find((each) => !recorded.macs?.includes(each)) ?? macs[0];
  return mac === undefined ? undefined : `MAC ${mac}`;
}

/** What `accept-observed` does. */
export function acceptSays(row: ShownRow): string {
  const conflict = conflictIn(row);
  if (conflict.addressId === null) return gone;
  const holder =
    conflict.kind === 'hostname-mismatch'
      ? ''
      : ' If a known interface has that MAC, the address goes to its device.';
  return `${conflict.address} gets the ${acceptable(conflict)} that was observed.${holder}${again(conflict)}`;
}

/** What `keep-recorded` does. */
export function keepSays(row: ShownRow): string {
  const conflict = conflictIn(row);
  if (conflict.addressId === null) return gone;
  return `${conflict.address} stays as it is recorded.${again(conflict)} If the next scan sees the same, the conflict opens again.`;
}

/** What `release` does. */
export function releaseSays(row: ShownRow): string {
  const { address, addressId } = conflictIn(row);
  if (addressId === null) return gone;
  return `${address} is freed: its host name, MAC and device are forgotten, its other conflicts are closed, and it can be handed out again.`;
}

/** Why a conflict cannot be resolved; undefined: it can. */
export function conflictIsOver(row: ShownRow): string | undefined {
  const { state, resolvedBy, resolution } = conflictIn(row);
  if (state !== 'resolved') return undefined;
  return `It was resolved already, by ${resolvedBy} (${resolution}); it opens again if it comes back.`;
}

/** Why what was observed cannot be taken over; undefined: it can. */
export function nothingToAccept(row: ShownRow): string | undefined {
  const conflict = conflictIn(row);
  const what = conflict.kind === 'hostname-mismatch' ? 'host name' : 'MAC';
  return (
    conflictIsOver(row) ??
    (acceptable(conflict) === undefined
      ? `No ${what} was observed at ${conflict.address}; resolve it otherwise.`
      : undefined)
  );
}

/** What registering a discovery does. */
export function registerSays({ address }: ShownRow, facts: ShownFacts): string {
  const seen = [
    ...(facts.MAC ? [`MAC ${facts.MAC}`] : []),
    ...(facts['Host name'] ? [`host name ${withoutDot(String(facts['Host name']))}`] : []),
  ];
  const what = seen.length > 0 ? `, with the ${seen.join(' and the ')} unless you say otherwise` : '';
  return `${address} becomes an assigned address of the register${what}.`;
}

/** What dismissing a discovery does. */
export function dismissSays({ address }: ShownRow): string {
  return `${address} may be handed out again, and is out of the inbox until another MAC answers there.`;
}

/** Why a discovery cannot be decided; undefined: it can. */
export function discoveryIsOver(row: ShownRow): string | undefined {
  const { state, decidedBy } = row as { state: string; decidedBy: string | null };
  return state === 'open' ? undefined : `It was ${state} already${decidedBy ? ` by ${decidedBy}` : ''}.`;
}

/** What a scan that has ended came to. */
export function finishedSays(scan: {
  id: number;
  state: string;
  seen: number;
  conflicts: number;
  discovered: number;
}): string {
  const { id, state, seen, conflicts, discovered } = scan;
  const clashes = conflicts === 1 ? '1 conflict' : `${conflicts} conflicts`;
  return `Scan ${id} is ${state}: ${seen} seen, ${clashes}, ${discovered} discovered.`;
}

/** Why a scan cannot be cancelled; undefined: it can. */
export function scanIsOver(row: ShownRow): string | undefined {
  const { state } = row as { state: string };
  return state === 'queued' || state === 'running' ? undefined : `It has ended: it is ${state}.`;
}
