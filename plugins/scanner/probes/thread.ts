import { parentPort } from 'node:worker_threads';
import { type Answered, pack } from './answers.ts';
import { Knocks, type Manner } from './knocks.ts';

/** What a thread is told of a sweep: how to knock, then at which addresses, and in the end that it is over. */
export type Order =
  | { readonly sweep: number; readonly manner: Manner }
  | { readonly sweep: number; readonly addresses: readonly string[] }
  | { readonly sweep: number; readonly isOver: true };

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');

// Each refusal is an error, whose stack nobody reads.
Error.stackTraceLimit = 0;

const sweeps = new Map<number, { ask(addresses: readonly string[]): void; close(): void }>();

function begin(sweep: number, manner: Manner) {
  const knocks = new Knocks(manner);
  let asked = 0;
  let answered: Answered[] = [];
  const tell = () => {
    const { nths, states, rtts, errors } = pack(answered, manner.ports.length);
    port?.postMessage({ sweep, nths, states, rtts, errors }, [nths.buffer, states.buffer, rtts.buffer]);
    answered = [];
  };
  return {
    ask(addresses: readonly string[]) {
      for (const address of addresses) {
        const nth = asked++;
        knocks.ask(address).then(
          (answers) => {
            // As many in one message as this turn of the loop brings.
            if (answered.push({ nth, answers }) === 1) setImmediate(tell);
          },
          () => {}, // who ended the sweep does not wait for an answer
        );
      }
    },
    close: () => knocks.close(new Error('The sweep has ended.')),
  };
}

port.on('message', (order: Order) => {
  const { sweep } = order;
  if ('manner' in order) sweeps.set(sweep, begin(sweep, order.manner));
  else if ('addresses' in order) sweeps.get(sweep)?.ask(order.addresses);
  else {
    sweeps.get(sweep)?.close();
    sweeps.delete(sweep);
  }
});
port.postMessage('ready');
