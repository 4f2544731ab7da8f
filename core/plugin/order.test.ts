import assert from 'node:assert/strict';
import { fatesIn, Hosts, pluginOf } from '../testing/hosts.ts';
import type { AnyPlugin } from './define.ts';

describe('the host', () => {
  const hosts = new Hosts();
  const { boot } = hosts;
  before(hosts.open);
  after(hosts.close);

  describe('orders', () => {
    it('plugins after what they require, whatever the order of the list', async () => {
      const order: string[] = [];
      const noted = (name: string, requires: readonly AnyPlugin[] = []) =>
        pluginOf(name, { requires, setup: () => void order.push(name) });
      const base_ = noted('base');
      const middle = noted('middle', [base_]);
      await boot([noted('top', [middle, base_]), middle, base_]);
      assert.deepEqual(order, ['base', 'middle', 'top']);
    });

    it('none of a circle, and names it', async () => {
      const requires: AnyPlugin[] = [];
      const one = pluginOf('one', { requires });
      const two = pluginOf('two', { requires: [one] });
      requires.push(two);
      await assert.rejects(boot([one, two]), /circle: one → two → one/);
      const host = await boot([], [pluginOf('top', { requires: [two] }), one, two, pluginOf('sound')]);
      assert.equal(fatesIn(host).sound, 'running');
      assert.match(fatesIn(host).one ?? '', /circle/);
      assert.match(fatesIn(host).top ?? '', /requires two/);
    });

    it('none whose requirement is missing, and says which', async () => {
      await assert.rejects(
        boot([pluginOf('one', { requires: [pluginOf('absent')] })]),
        /one .* requires absent, which is not installed/,
      );
    });

    it('none that requires an import gone wrong', async () => {
      await assert.rejects(
        boot([pluginOf('one', { requires: [undefined] })]),
        /no plugin \(do two modules import each other/,
      );
    });
  });
});
