import assert from 'node:assert/strict';
import { type Command, columns, findCommand, helpOf, parseFor, UsageError } from './command.ts';

const run = async () => 0;
const list: Command = { name: 'shelf list', summary: 'List the shelves', run };
const add: Command = {
  name: 'shelf add',
  words: ['NAME', 'ROOM'],
  summary: 'Add a shelf',
  options: {
    wide: { type: 'boolean', says: 'twice as wide' },
    paint: { type: 'string', value: 'COLOUR', says: 'its colour' },
  },
  run,
};
const lend: Command = { name: 'lend', words: ['BOOK'], summary: 'Lend a book', run };
const commands = [list, add, lend];

describe('a command line', () => {
  it('names a command by one word or two, and leaves the rest to it', () => {
    assert.deepEqual(findCommand(commands, ['shelf', 'add', 'a', '--wide']), [add, ['a', '--wide']]);
    assert.deepEqual(findCommand(commands, ['lend', 'shelf']), [lend, ['shelf']]);
  });

  it('is told what was probably meant', () => {
    const refuses = (args: string[], message: RegExp) =>
      assert.throws(
        () => findCommand(commands, args),
        (fault) => fault instanceof UsageError && message.test(fault.message),
      );
    refuses(['lnd', 'x'], /no command "lnd"; did you mean "lend"\?/);
    refuses(['shelf'], /"shelf" is one of: shelf list, shelf add\./);
    refuses(['shelf', 'ad'], /"shelf" is one of/);
    refuses(['shlf', 'list'], /did you mean "shelf list"\?/);
    refuses(['frobnicate'], /There is no command "frobnicate"\.$/);
  });

  it('gives a command its words and options, once they are right', () => {
    assert.deepEqual(parseFor(add, ['a', '--paint', 'red', 'b', '--wide']), {
      words: ['a', 'b'],
      options: { paint: 'red', wide: true },
    });
    assert.equal(parseFor(add, ['-h']), 'help');
    const refuses = (args: string[], message: RegExp) =>
      assert.throws(() => parseFor(add, args), { message });
    refuses(['a'], /shelf add needs ROOM\./);
    refuses(['a', 'b', 'c'], /does not know what to do with "c"/);
    refuses(['a', 'b', '--thin'], /Unknown option '--thin'/);
    refuses(['a', 'b', '--paint'], /'--paint <value>' argument missing/);
  });

  it('is helped by what the commands declare', () => {
    assert.equal(
      helpOf(add),
      `Add a shelf

Usage: npm run cadastre -- shelf add NAME ROOM [OPTIONS]

  --wide          twice as wide
  --paint COLOUR  its colour
`,
    );
    assert.equal(
      columns([
        ['a', 'b'],
        ['ccc', ''],
        ['', 'd'],
      ]),
      'a    b\nccc\n     d',
    );
  });
});
