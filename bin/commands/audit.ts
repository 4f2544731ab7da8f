import { audit, type Verdict } from '#config/plugins';
import { type Command, UsageError } from '../command.ts';
import { print, withRegister } from '../session.ts';

const n = (count: number, what: string) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

/** A moment as text with microseconds, in UTC; a day alone is its first or its last moment. */
function momentOf(option: string, given: string | undefined, of: 'first' | 'last'): string | undefined {
  if (given === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(given) && !Number.isNaN(Date.parse(given))) {
    return `${given}T${of === 'first' ? '00:00:00.000000' : '23:59:59.999999'}Z`;
  }
  const time = new Date(given);
  if (Number.isNaN(time.getTime())) {
    throw new UsageError(`--${option} takes a day or a time, as 2026-11-01 or 2026-11-01T12:00:00Z.`);
  }
  return time.toISOString().replace('Z', '000Z');
}

function linesOf({ rows, seals, sealedUntil, head, unsealed, dropped, fault }: Verdict): string[] {
  return [
    `Verified ${n(rows, 'row')} in ${n(seals, 'seal')}.`,
    sealedUntil ? `Sealed until ${sealedUntil}; the last head is ${head}.` : 'Nothing is sealed yet.',
    ...(unsealed.rows > 0 ? [`Not sealed yet: ${n(unsealed.rows, 'row')}, since ${unsealed.since}.`] : []),
    ...(dropped
      ? [`Dropped by retention: all months up to ${dropped.month}, by ${dropped.actor} at ${dropped.at}.`]
      : []),
    fault ? `${fault.what.toUpperCase()}: ${fault.say}` : 'Everything is as it was sealed.',
  ];
}

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Say whether the audit log is as it was written',
  details: `Compares the log with its seals, which nobody can make without AUDIT_KEY, and names the first row that was altered, added
or removed. Exit code 1 where there is one. That the last seals were cut off tells a head from the process log ("audit log
sealed"), given as --head.`,
  options: {
    from: { type: 'string', value: 'TIME', says: 'only rows from this day or time on (UTC)' },
    to: { type: 'string', value: 'TIME', says: 'only rows up to this day or time (UTC)' },
    head: { type: 'string', value: 'HASH', says: 'the head of a seal that must be there' },
    json: { type: 'boolean', says: 'the verdict as JSON' },
  },
  run: ({ options: { from, to, head, json } }) => {
    const options = {
      from: momentOf('from', from as string | undefined, 'first'),
      to: momentOf('to', to as string | undefined, 'last'),
      head: head as string | undefined,
    };
    if (options.head !== undefined && !/^[0-9a-f]{64}$/i.test(options.head)) {
      throw new UsageError(
        '--head takes 64 hexadecimal digits, from a line "audit log sealed" of the process log.',
      );
    }
    return withRegister(async ({ host }) => {
      const verdict = await host.api(audit).seals.verify(options);
      print(...(json ? [JSON.stringify(verdict, null, 2)] : linesOf(verdict)));
      return verdict.fault ? 1 : 0;
    });
  },
};
