import assert from 'node:assert/strict';
import {
  acceptSays,
  comparedLines,
  conflictIsOver,
  finishedSays,
  keepSays,
  nothingToAccept,
  registerSays,
  releaseSays,
} from './words.ts';

const conflict = (facts: object = {}) => ({
  address: '10.0.0.2',
  addressId: 7,
  kind: 'mac-mismatch',
  state: 'open',
  formerStatus: 'reserved',
  recorded: { status: 'reserved', hostname: 'web', macs: ['02:00:00:00:00:0a'], device: 'osl-sw1' },
  observed: { macs: ['02:00:00:00:00:0a', '02:00:00:00:00:0b'], ptr: 'web.example.net.' },
  resolution: null,
  resolvedBy: null,
  ...facts,
});
const differing = (facts: object) =>
  comparedLines(conflict(facts))
    .filter(({ differs }) => differs)
    .map(({ label }) => label);

describe('what the inbox says of a conflict', () => {
  it('marks what contradicts, and not what is the same by other words or not known', () => {
    assert.deepEqual(differing({}), ['MAC']);
    assert.deepEqual(differing({ observed: { macs: ['02:00:00:00:00:0a'], ptr: 'db.example.net' } }), [
      'Host name',
    ]);
    assert.deepEqual(differing({ recorded: {}, observed: { macs: ['02:00:00:00:00:0b'], ptr: 'x' } }), []);
    assert.deepEqual(differing({ observed: {} }), []);
    const [, , device, status] = comparedLines(conflict());
    assert.deepEqual([device?.before, status?.before], ['osl-sw1', 'reserved']);
  });

  it('says which MAC or name the address would get, and which status', () => {
    assert.match(acceptSays(conflict()), /^10\.0\.0\.2 gets the MAC 02:00:00:00:00:0b .*reserved again/);
    const named = conflict({ kind: 'hostname-mismatch', formerStatus: null });
    assert.equal(acceptSays(named), '10.0.0.2 gets the host name web.example.net that was observed.');
    assert.match(keepSays(conflict()), /stays as it is recorded\. It is reserved again/);
    assert.match(releaseSays(conflict()), /is freed/);
  });

  it('says that only the conflict is closed where the address is gone', () => {
    for (const says of [acceptSays, keepSays, releaseSays])
      assert.match(says(conflict({ addressId: null })), /not registered any more/);
  });

  it('says why it cannot be resolved', () => {
    assert.equal(conflictIsOver(conflict()), undefined);
    assert.equal(nothingToAccept(conflict()), undefined);
    assert.match(nothingToAccept(conflict({ observed: {} })) ?? '', /^No MAC was observed at 10\.0\.0\.2/);
    const over = conflict({ state: 'resolved', resolvedBy: 'Ada', resolution: 'release' });
    assert.match(nothingToAccept(over) ?? '', /already, by Ada \(release\)/);
  });

  it('says what of a stranger would be registered', () => {
    const row = { address: '10.0.0.3' };
    const facts = { MAC: '02:00:00:00:00:0c', 'Host name': 'tv.example.' };
    assert.match(
      registerSays(row, facts),
      /with the MAC 02:00:00:00:00:0c and the host name tv\.example unless/,
    );
    assert.equal(registerSays(row, {}), '10.0.0.3 becomes an assigned address of the register.');
  });

  it('counts what a scan came to, one conflict or several', () => {
    const scan = { id: 7, state: 'done', seen: 3, conflicts: 1, discovered: 0 };
    assert.equal(finishedSays(scan), 'Scan 7 is done: 3 seen, 1 conflict, 0 discovered.');
    assert.match(finishedSays({ ...scan, conflicts: 2 }), / 2 conflicts, /);
  });
});
