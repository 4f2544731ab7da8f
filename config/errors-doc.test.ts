import assert from 'node:assert/strict';
import { builtInPlugins } from '#config/plugins';
import { kernelErrors, type ProblemKind } from '#core';
import { documentedOwners, errorDocFaults } from '#core/testing';

describe('docs/errors.md', () => {
  const owners: Record<string, readonly ProblemKind[]> = { kernel: Object.values(kernelErrors) };
  for (const { name, definition } of builtInPlugins) owners[name] = Object.values(definition.errors ?? {});

  it('has every error of every built-in plugin as it is, under the name of its owner', async () => {
    assert.deepEqual(await errorDocFaults(owners), []);
  });

  it('has no errors of a plugin that is not there', async () => {
    assert.deepEqual(
      (await documentedOwners()).filter((owner) => !(owner in owners)),
      [],
    );
  });
});
