import type { TestRegister } from '#core/testing';

/** What the rows of lists are made in. */
export interface World {
  register: TestRegister;
  /** The ids of what was posted, by collection, in its order. */
  ids: Record<string, number[]>;
  /** Posts a record or a list of some as an admin, and notes the ids. */
  post(collection: string, body: object): Promise<void>;
}

/** How a list comes by its rows, and how it is read. */
interface List {
  /** Makes the nth row: another for each n, which refers to others than the rows before it, so that nothing is looked up once for all. */
  make?(n: number, world: World): Promise<unknown>;
  /** What stands in its path. */
  params?(world: World): Record<string, string | number | undefined>;
  query?: string;
  /** Its rows are none of the register's, and as many whatever is made. */
  isFixed?: true;
  /** The most statements that it takes without `include`, where those are not one, or two of a list that is of some record. */
  most?: number;
}

const first = (collection: string) => (world: World) => ({ id: world.ids[collection]?.[0] });
const insert =
  (text: string, ...values: unknown[]) =>
  ({ register }: World) =>
    register.db.query(text, values);
const inRoot = (n: number) => `10.0.${2 * n + 1}`;
const own = (n: number) => `VRF ${n}`;

/** By route, in the order in which the rows are made; each has as many rows as were made, whatever its path and query. */
export const lists: Record<string, List> = {
  'GET /plugins': { isFixed: true },
  'GET /jobs': {
    make: (_, { register }) =>
      register.db.query(
        `INSERT INTO job_run (name, state, actor, change_id, finished_at) VALUES ('nobody.job', 'done', 'test', gen_random_uuid(), now())`,
      ),
  },
  'GET /users': {
    make: (n, world) =>
      insert(
        `INSERT INTO app_user (email, name, role, password_hash) VALUES ($1, 'Somebody', 'viewer', 'none')`,
        `user-${n}@example.net`,
      )(world),
  },
  'GET /tokens': {
    make: (n, world) =>
      insert(
        `INSERT INTO api_token (user_id, name, role, token_hash) SELECT max(id), $1::text, 'viewer', sha256($1::text::bytea) FROM app_user`,
        `token ${n}`,
      )(world),
  },
  'GET /sites': {
    make: (n, { post }) =>
      post('/sites', [{ name: `City ${n}` }, { name: `Room ${n}`, parent: `City ${n}` }]),
  },
  'GET /vlan-groups': {
    make: (n, { post }) => post('/vlan-groups', { name: `group ${n}`, site: `City ${n}` }),
  },
  // Many in one group, and each in another.
  'GET /vlans': {
    make: (n, { post }) =>
      post('/vlans', [
        { vid: 2 * n + 100, group: 'group 0' },
        { vid: 100, group: n === 0 ? 'default' : `group ${n}` },
      ]),
  },
  'GET /vlan-groups/{id}/free-vids': { params: first('/vlan-groups') },
  'GET /devices': { make: (n, { post }) => post('/devices', { name: `device ${n}`, site: `Room ${n}` }) },
  // Many of one device, and each of another.
  'GET /interfaces': {
    make: (n, { post }) =>
      post('/interfaces', [
        { device: `device ${n}`, name: 'eth0' },
        { device: 'device 0', name: `Gi1/0/${n}` },
      ]),
  },
  'GET /devices/{id}/interfaces': { params: first('/devices') },
  'GET /vrfs': { make: (n, { post }) => post('/vrfs', { name: own(n) }) },
  // Many below one, each in another, and each on the top of a VRF of its own.
  'GET /subnets': {
    make: (n, { post }) =>
      post('/subnets', [
        ...(n === 0 ? [{ cidr: '10.0.0.0/16' }, { cidr: '2001:db8::/31' }] : []),
        { cidr: `${inRoot(n)}.0/24`, vlan: `group 0/${2 * n + 100}` },
        { cidr: `2001:db8::/${32 + n}` },
        { cidr: '192.0.2.0/24', vrf: own(n), vlan: n === 0 ? 'default/100' : `group ${n}/100` },
      ]),
  },
  'GET /addresses': {
    make: (n, { post }) =>
      post('/addresses', [
        { address: `10.0.0.${n + 1}`, device: 'device 0', ...(n === 0 ? { role: 'vip' } : {}) },
        { address: `${inRoot(n)}.1`, device: `device ${n}`, interface: 'eth0', role: 'primary' },
        { address: '192.0.2.9', vrf: own(n), role: 'vip' },
      ]),
  },
  // Many of one address, and each address held twice.
  'GET /addresses/{id}/assignments': {
    make: async (n, { register, ids }) => {
      const admin = register.as('admin');
      for (const address of new Set([ids['/addresses']?.[0], ids['/addresses']?.at(-1)]))
        await admin.post(`/addresses/${address}/assignments`, { device: `device ${n}` });
    },
    params: first('/addresses'),
  },
  'GET /devices/{id}/addresses': { params: first('/devices') },
  'GET /ranges': {
    make: (n, { post }) =>
      post('/ranges', { start: `${inRoot(n)}.9`, end: `${inRoot(n)}.99`, purpose: 'dhcp' }),
  },
  'GET /grants': {
    make: (n, { post, register }) =>
      register.db
        .query<{ id: number }>('SELECT max(id) AS id FROM app_user')
        .then(([user]) =>
          post('/grants', { userId: user?.id, role: 'engineer', vrf: own(n), cidr: '192.0.2.0/24' }),
        ),
  },
  'GET /pools': {
    make: (n, { post, ids }) => post('/pools', { name: `pool ${n}`, members: ids['/subnets']?.slice(-3) }),
  },
  'GET /subnets/{id}/addresses': { params: first('/subnets') },
  'GET /subnets/{id}/children': { params: first('/subnets') },
  'GET /subnets/{id}/free': { params: first('/subnets') },
  'GET /subnets/{id}/free-subnets': { params: first('/subnets') },
  'GET /subnets/{id}/ancestors': { params: ({ ids }) => ({ id: ids['/subnets']?.at(-2) }) },
  'GET /subnets/{id}/map': { params: ({ ids }) => ({ id: ids['/subnets']?.[2] }), most: 3 },
  'GET /subnets/tree': { query: 'depth=3', most: 3 },
  'GET /lookup/{ip}': { params: () => ({ ip: '192.0.2.9' }), most: 3 },
  'GET /lookup/{ip}/{length}': { params: () => ({ ip: '192.0.2.0', length: 24 }) },
  'GET /tags': { make: (n, { post }) => post('/tags', { name: `tag ${n}` }) },
  'GET /custom-fields': {
    make: (n, { post }) => post('/custom-fields', { model: 'site', name: `field${n}`, type: 'text' }),
  },
  'GET /notifiers': {
    make: (n, { post }) =>
      post('/notifiers', {
        name: `notifier ${n}`,
        kind: 'webhook',
        events: ['address.expiring'],
        settings: { url: 'http://127.0.0.1:9/' },
      }),
  },
  'GET /notifier-kinds': { isFixed: true, most: 0 },
  'GET /notifiable-events': { isFixed: true, most: 0 },
  // Many of one notifier, and each of another.
  'GET /deliveries': {
    make: (n, world) =>
      insert(
        `INSERT INTO delivery (notifier_id, event, summary, payload, actor, change_id)
           SELECT id, 'address.expiring', 'It expires', '{}', 'test', gen_random_uuid()
             FROM notifier WHERE name IN ('notifier 0', $1)`,
        `notifier ${n}`,
      )(world),
  },
  'GET /scans': {
    make: async (_, { register, ids }) => {
      const { body } = await register.as('admin').post('/scans', { cidr: '10.0.0.0/30' });
      ids['/scans'] = [...(ids['/scans'] ?? []), body.id];
    },
  },
  'GET /scans/{id}/results': {
    make: (n, { ids, register }) =>
      register.db.query(
        `INSERT INTO scan_result (scan_id, vrf_id, subnet_id, address, outcome) VALUES ($1, 1, 1, $2, 'seen')`,
        [ids['/scans']?.[0], `${inRoot(n)}.7`],
      ),
    params: first('/scans'),
  },
  'GET /conflicts': {
    make: (n, world) =>
      insert(
        `INSERT INTO conflict (vrf_id, address, address_id, kind, severity, recorded, observed, detected_at)
          SELECT vrf_id, address, id, 'mac-mismatch', 'high', '{}', '{}', now() FROM address WHERE address = $1 LIMIT 1`,
        `${inRoot(n)}.1`,
      )(world),
  },
  'GET /discoveries': {
    make: (n, world) =>
      insert(
        'INSERT INTO discovery (vrf_id, address, detected_at) VALUES (1, $1, now())',
        `${inRoot(n)}.8`,
      )(world),
  },
  'GET /search': { query: 'q=192.0.2.9', most: 2 },
  'GET /audit-logs': {},
};
