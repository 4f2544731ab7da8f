import assert from 'node:assert/strict';
import { type PanelBrowser, type ServedPanel, servePanel } from '../testing/panel.ts';
import { circuits } from '../testing/throwaway.ts';

const api = '/admin/api/resources/Circuit';

describe("the panel's routes", () => {
  let panel: ServedPanel;
  let admin: PanelBrowser;
  before(async () => {
    panel = await servePanel([circuits]);
    admin = await panel.signedIn('admin');
  });
  after(() => panel.register.stop());

  const names = async () => {
    const rows = await panel.register.db.query<{ name: string }>('SELECT name FROM circuit ORDER BY id');
    return rows.map(({ name }) => name);
  };
  const make = async (name: string) => {
    const { body } = await admin.post(`${api}/actions/new`).field('name', name).expect(200);
    return body.record.id as string;
  };

  it('change nothing when asked by HEAD, which AdminJS takes for a POST', async () => {
    const id = await make('stays');
    const before = await names();
    await admin.agent.head(`${api}/records/${id}/delete`).expect(200);
    await admin.agent.head(`${api}/records/${id}/edit`).expect(200);
    await admin.agent.head(`${api}/bulk/bulkDelete?recordIds=${id}`).expect(200);
    await admin.agent.head(`${api}/bulk/bulkEdit?recordIds=${id}`).expect(200);
    await admin.agent.head(`${api}/actions/new`).expect(405);
    assert.deepEqual(await names(), before);
  });

  it('run an action of the resource, of a record or of several as that alone', async () => {
    const id = await make('alone');
    const before = await names();
    for (const path of [`records/${id}/new`, `bulk/new?recordIds=${id}`]) {
      await admin.post(`${api}/${path}`).field('name', 'made aside').expect(404);
    }
    for (const path of [`records/${id}/list`, `records/${id}/search`, `bulk/list?recordIds=${id}`]) {
      await admin.get(`${api}/${path}`).expect(404);
      await admin.post(`${api}/${path}`).expect(404);
    }
    assert.deepEqual(await names(), before);
  });

  it('know no page, selection or spelling that is not there', async () => {
    await admin.get('/admin/resources/Circuit/bulk/bulkDelete').expect(404);
    for (const path of ['/admin/pages/nothing', '/admin/api/pages/nothing', '/admin/api/pages/constructor']) {
      await admin.get(path).expect(404);
    }
    for (const path of ['/ADMIN/', '/Admin/login', '/ADMIN/api/dashboard']) {
      await panel.browser().get(path).expect(404);
    }
  });

  it('leave out filters by what every object has', async () => {
    const { body } = await admin.get(`${api}/actions/list`).expect(200);
    for (const filter of ['toString', 'hasOwnProperty', 'constructor', 'valueOf~~from']) {
      const answer = await admin.get(`${api}/actions/list?filters.${filter}=1`).expect(200);
      assert.equal(answer.body.meta.total, body.meta.total, filter);
    }
  });

  it('take forms and JSON alone', async () => {
    await admin.post(`${api}/actions/new`).type('text/plain').send('name=x').expect(415);
  });
});
