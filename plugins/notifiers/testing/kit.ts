import assert from 'node:assert/strict';
import { z } from 'zod';
import { definePlugin, notifiable, notifiableEvents, type Tx } from '#core';
import { type TestRegister, testCaller } from '#core/testing';

const events = { 'rack.full': z.object({ name: z.string() }), 'rack.built': z.object({ name: z.string() }) };

/** A plugin that announces things, of which people may be told one. */
export const racks = definePlugin({
  name: 'racks',
  version: '1.0.0',
  engine: '^1.0.0',
  summary: 'A test.',
  events,
  setup(ctx) {
    ctx.extend(
      notifiableEvents,
      notifiable(events, 'rack.full', {
        title: 'A rack is full',
        say: ({ name }) => `There is no room in ${name} any more.`,
      }),
    );
    return { fill: (tx: Tx, name: string) => ctx.emit(tx, 'rack.full', { name }) };
  },
});

/** Announces that racks are full, all in one transaction. */
export async function fill(register: TestRegister, ...names: string[]): Promise<void> {
  const { fill: announce } = register.host.api(racks);
  await register.host.transact(testCaller('user:7'), async (tx) => {
    for (const name of names) await announce(tx, name);
  });
}

/** Makes everything that waits for its time due now. */
export async function hurry({ owner }: TestRegister): Promise<void> {
  await owner.query(`UPDATE job_run SET due_at = now() WHERE state = 'queued'`);
  await owner.query(`UPDATE delivery SET due_at = now() WHERE state = 'pending'`);
  await owner.query('UPDATE notifier_rest SET until = now()');
}

let made = 0;
/** Makes a notifier and answers its id. */
export async function notifier(register: TestRegister, body: object): Promise<number> {
  const answer = await register.as('engineer').post('/notifiers', {
    name: `notifier ${++made}`,
    kind: 'webhook',
    events: ['rack.full'],
    ...body,
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
}

export interface DeliveryView {
  id: number;
  state: string;
  attempts: number;
  responseStatus: number | null;
  error: string | null;
  summary: string;
  nextAttemptAt: string | null;
}

/** The deliveries of a notifier, the oldest first. */
export async function deliveriesOf(register: TestRegister, id: number): Promise<DeliveryView[]> {
  const { body } = await register.as('auditor').get(`/deliveries?notifier=${id}&sort=id`);
  return body.items;
}
