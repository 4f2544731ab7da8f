import assert from 'node:assert/strict';
import { capitalized, inSentence, pluralOf, withArticle, wordsOf } from './words.ts';

describe('names as English', () => {
  it('are taken apart into words', () => {
    const names = ['createdAt', 'vlanId', 'ApiToken', 'mac', 'allowNetworkAndBroadcast', 'free_from', 'Vrf'];
    assert.deepEqual(names.map(wordsOf), [
      'Created at',
      'VLAN ID',
      'API token',
      'MAC',
      'Allow network and broadcast',
      'Free from',
      'VRF',
    ]);
  });

  it('of a closed list are capitalized, abbreviations throughout', () => {
    assert.deepEqual(['reserved', 'best-fit', 'dhcp', 'mac-mismatch', '2-4'].map(capitalized), [
      'Reserved',
      'Best fit',
      'DHCP',
      'MAC mismatch',
      '2-4',
    ]);
  });

  it('have a plural', () => {
    const nouns = ['Subnet', 'Address', 'VRF', 'Policy', 'Gateway', 'API token', 'Prefix', 'Switch'];
    assert.deepEqual(nouns.map(pluralOf), [
      'Subnets',
      'Addresses',
      'VRFs',
      'Policies',
      'Gateways',
      'API tokens',
      'Prefixes',
      'Switches',
    ]);
  });

  it('stand in a sentence with the right article', () => {
    const nouns = ['Subnet', 'Address', 'VRF', 'API token', 'MAC', 'User'].map(inSentence);
    assert.deepEqual(nouns.map(withArticle), [
      'a subnet',
      'an address',
      'a VRF',
      'an API token',
      'a MAC',
      'a user',
    ]);
  });
});
