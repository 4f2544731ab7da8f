import type { Tx } from '../db/transaction.ts';
import { field } from './fields.ts';
import { resource } from './resource.ts';
import type { exhibits } from './testing/museum.ts';

// What must not compile. `tsc` fails where an error that is expected here does not come; running it proves nothing.

const base = {
  entity: 'x',
  table: 'x',
  path: '/x',
  tag: 'X',
  permissions: { read: 'x:read', write: 'x:write' },
} as const;
const fields = {
  name: field.text(),
  size: field.integer({ nullable: true }),
  hallId: field.reference('self'),
};
const rest = { key: ['name'], defaultSort: 'name', example: { name: 'a', hall: 'b' } } as const;

declare const tx: Tx;
declare const service: ReturnType<typeof exhibits.service>;
const never = false as boolean;

describe('resource', () => {
  it('takes only names of its fields', () => {
    if (!never) return;
    resource({ ...base, ...rest, fields });
    resource({ ...base, ...rest, fields, defaultSort: '-createdAt' });
    // @ts-expect-error there is no field nam
    resource({ ...base, ...rest, fields, key: ['nam'] });
    // @ts-expect-error there is no field nam
    resource({ ...base, ...rest, fields, defaultSort: '-nam' });
    // @ts-expect-error there is no field nam
    resource({ ...base, ...rest, fields, mention: ['nam'] });
    // @ts-expect-error there is no column nam
    resource({ ...base, ...rest, fields, panel: { list: ['nam'] } });
    // @ts-expect-error there is no column nam
    resource({ ...base, ...rest, fields, search: { title: 'nam' } });
    // @ts-expect-error the example says no number
    resource({ ...base, ...rest, fields, example: { name: 'a', hall: 'b', size: 'large' } });
    // @ts-expect-error the example lacks the name
    resource({ ...base, ...rest, fields, example: { hall: 'b' } });
  });

  it('types bodies, records and hooks by the fields', () => {
    if (!never) return;
    service.create(tx, { title: 'a', hall: 'East', onShow: true, customFields: { a: null } });
    service.create(tx, { title: 'a', hallId: 1, pair: null, onShow: true, kind: 'sculpture' });
    // @ts-expect-error the title is missing
    service.create(tx, { hall: 'East', onShow: true });
    // @ts-expect-error it is no kind
    service.create(tx, { title: 'a', hallId: 1, onShow: true, kind: 'poem' });
    // @ts-expect-error the database derives it
    service.create(tx, { title: 'a', hallId: 1, onShow: true, slug: 'a' });
    service.update(tx, 1, { kilograms: null });
    // @ts-expect-error it is never null
    service.update(tx, 1, { title: null });
    service.get(1).then(({ title, kilograms, pairs, pairId, customFields }) => {
      title.trim();
      pairs.toFixed();
      customFields.anything?.valueOf();
      // @ts-expect-error it may be null
      kilograms.toFixed();
      // @ts-expect-error it may be null
      pairId.toFixed();
    });
  });
});
