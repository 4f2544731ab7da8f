import type { Place, World } from './access-world.ts';

/** Who calls, from which place the records are taken that the call names. */
export interface Occasion {
  world: World;
  at: Place;
  /** The id of the user who calls; undefined: nobody whom the register knows. */
  caller: number | undefined;
}

/** How a route is called so that, where it may be called at all, it succeeds. */
export interface Call {
  /** What stands in its path, `{ id: 7 }`. */
  params?: Record<string, string | number>;
  query?: string;
  body?: unknown;
  /** The status of success where that is no 2xx: what is asked for is refused after the permission was looked at. */
  answers?: number;
}

type MakeCall = (on: Occasion) => Call | Promise<Call>;

let names = 0;
const newName = () => `name-${++names}`;
const nothing: MakeCall = () => ({});

const ofSubnet: MakeCall = ({ at }) => ({ params: { id: at.subnet } });
const ofRoot: MakeCall = ({ at }) => ({ params: { id: at.root } });
const ofAddress: MakeCall = ({ at }) => ({ params: { id: at.address } });
const ofRange: MakeCall = ({ at }) => ({ params: { id: at.range } });
const ofPool: MakeCall = ({ at }) => ({ params: { id: at.pool } });
const ofVlanGroup: MakeCall = ({ world }) => ({ params: { id: world.vlanGroup } });
const ofVlan: MakeCall = ({ world }) => ({ params: { id: world.vlan } });
const ofVrf: MakeCall = ({ world }) => ({ params: { id: world.vrf } });
const ofSite: MakeCall = ({ world }) => ({ params: { id: world.site } });
const ofCustomField: MakeCall = ({ world }) => ({ params: { id: world.customField } });
const ofTag: MakeCall = ({ world }) => ({ params: { id: world.tag } });
const ofSpareUser: MakeCall = async ({ world }) => ({ params: { id: await world.spareUser() } });
const withBody =
  (call: MakeCall, body: unknown | ((on: Occasion) => unknown)): MakeCall =>
  async (on) => ({ ...(await call(on)), body: typeof body === 'function' ? body(on) : body });

async function refreshToken({ world: { register, password } }: Occasion): Promise<Call> {
  const { body } = await register.anonymous.post('/auth/login', { email: 'people@example.net', password });
  return { body: { refreshToken: body.refreshToken } };
}

/** A token of the caller's own: of those of others only admins know. */
async function ownToken({ world, caller }: Occasion): Promise<Call> {
  const [token] = await world.register.db.query<{ id: number }>(
    `INSERT INTO api_token (user_id, name, role, token_hash) VALUES ($1, 'one', 'viewer', sha256($2)) RETURNING id`,
    [caller ?? world.users.people, Buffer.from(newName())],
  );
  return { params: { id: token?.id ?? 0 } };
}

async function someGrant({ world }: Occasion): Promise<Call> {
  const [grant] = await world.register.db.query<{ id: number }>(
    `INSERT INTO branch_grant (user_id, role, vrf_id, cidr) VALUES ($1, 'engineer', $2, '10.99.0.0/16') RETURNING id`,
    [await world.spareUser(), world.vrf],
  );
  return { params: { id: grant?.id ?? 0 } };
}

async function resetLink({ world }: Occasion): Promise<Call> {
  const id = await world.spareUser();
  const { body } = await world.register.as('admin').post(`/users/${id}/password-reset`, {});
  return { body: { token: body.token, newPassword: `a sentence that nobody knows ${id}` } };
}

async function lineOfLog({ world }: Occasion): Promise<Call> {
  const [line] = await world.register.db.query<{ id: number }>('SELECT id FROM audit_log LIMIT 1');
  return { params: { id: line?.id ?? 0 } };
}

/** A run of no job that there is, so that nobody takes it. */
const runIn =
  (state: 'queued' | 'failed'): MakeCall =>
  async ({ world }) => {
    const [run] = await world.register.db.query<{ id: number }>(
      `INSERT INTO job_run (name, state, actor, change_id, finished_at)
        VALUES ('nobody.job', $1, 'test', gen_random_uuid(), CASE $1 WHEN 'failed' THEN now() END) RETURNING id`,
      [state],
    );
    return { params: { id: run?.id ?? 0 } };
  };

const someNotifier = () => ({
  name: newName(),
  kind: 'webhook',
  events: ['address.expiring'],
  settings: { url: 'http://127.0.0.1:9/' },
});

/** A notifier that nobody needs, and something that it told. */
async function spareNotifier({ world: { register } }: Occasion): Promise<{ id: number; delivery: number }> {
  const { body } = await register.as('admin').post('/notifiers', someNotifier());
  const [delivery] = await register.db.query<{ id: number }>(
    `INSERT INTO delivery (notifier_id, event, summary, payload, actor, change_id, state, finished_at)
      VALUES ($1, 'address.expiring', 'It expires', '{}', 'test', gen_random_uuid(), 'failed', now()) RETURNING id`,
    [body.id],
  );
  return { id: body.id, delivery: delivery?.id ?? 0 };
}
const ofNotifier: MakeCall = async (on) => ({ params: { id: (await spareNotifier(on)).id } });
const ofDelivery: MakeCall = async (on) => ({ params: { id: (await spareNotifier(on)).delivery } });

/** A device that nobody needs, with an interface. */
async function spareDevice({ world }: Occasion): Promise<{ device: number; port: number }> {
  const admin = world.register.as('admin');
  const { body: device } = await admin.post('/devices', { name: newName() });
  const { body: port } = await admin.post(`/devices/${device.id}/interfaces`, { name: 'eth0' });
  return { device: device.id, port: port.id };
}

/** A vip of the place with a further holder. */
async function sharedAddress(on: Occasion): Promise<Call> {
  const admin = on.world.register.as('admin');
  const address = on.at.block.replace('0.0/16', `50.${++vips}`);
  const { body: vip } = await admin.post('/addresses', { address, vrf: 'blue', role: 'vip' });
  const { device } = await spareDevice(on);
  const { body: held } = await admin.post(`/addresses/${vip.id}/assignments`, { deviceId: device });
  return { params: { id: vip.id, assignmentId: held.id } };
}
let vips = 0;

/** A scan of a subnet of the place, which no worker takes. */
const ofScan: MakeCall = async ({ world, at }) => {
  const { body } = await world.register.as('admin').post('/scans', { subnetIds: [at.subnet] });
  return { params: { id: body.id } };
};
/** One that has ended, so that following it ends. */
const ofEndedScan: MakeCall = async (on) => {
  const call = await ofScan(on);
  await on.world.register.as('admin').delete(`/scans/${call.params?.id}`);
  return call;
};

/** Somebody unregistered, or a contradiction, at an address of the place. */
const ofInbox =
  (table: 'conflict' | 'discovery'): MakeCall =>
  async ({ world, at }) => {
    const address = at.block.replace('0.0/16', `60.${++strangers}`);
    const columns = 'vrf_id, address, detected_at';
    const [row] = await world.register.db.query<{ id: number }>(
      table === 'conflict'
        ? `INSERT INTO conflict (${columns}, kind, severity, recorded, observed)
            VALUES ($1, $2, now(), 'mac-mismatch', 'high', '{}', '{}') RETURNING id`
        : `INSERT INTO discovery (${columns}) VALUES ($1, $2, now()) RETURNING id`,
      [world.vrf, address],
    );
    return { params: { id: row?.id ?? 0 } };
  };
let strangers = 0;
/** A list of one, changed by its collection. */
const listOf =
  (make: MakeCall, body: object): MakeCall =>
  async (on) => ({ body: [{ id: (await make(on)).params?.id, ...body }] });

const ofDevice: MakeCall = async (on) => ({ params: { id: (await spareDevice(on)).device } });
const ofInterface: MakeCall = async (on) => ({ params: { id: (await spareDevice(on)).port } });

/** By route. Dry runs are made where the route knows them, so nothing of the register changes. */
export const calls: Record<string, MakeCall> = {
  'GET /plugins': nothing,
  'GET /jobs': nothing,
  'GET /jobs/{id}': runIn('failed'),
  'POST /jobs/{id}/retry': runIn('failed'),
  'DELETE /jobs/{id}': runIn('queued'),
  'GET /scans': nothing,
  'POST /scans': ({ at }) => ({ body: { subnetIds: [at.subnet] } }),
  'GET /scans/{id}': ofScan,
  'DELETE /scans/{id}': ofScan,
  'GET /scans/{id}/results': ofScan,
  'GET /scans/{id}/events': ofEndedScan,
  'GET /subnets/{id}/scan-policy': ofSubnet,
  'PATCH /subnets/{id}/scan-policy': withBody(ofSubnet, { scanInterval: 3_600 }),
  'GET /conflicts': nothing,
  'GET /conflicts/{id}': ofInbox('conflict'),
  'POST /conflicts/{id}/resolve': withBody(ofInbox('conflict'), { resolution: 'keep-recorded' }),
  'PATCH /conflicts/{id}': withBody(ofInbox('conflict'), { resolution: 'keep-recorded' }),
  'PATCH /conflicts': listOf(ofInbox('conflict'), { resolution: 'keep-recorded' }),
  'GET /discoveries': nothing,
  'GET /discoveries/{id}': ofInbox('discovery'),
  'POST /discoveries/{id}/register': withBody(ofInbox('discovery'), {}),
  'POST /discoveries/{id}/dismiss': withBody(ofInbox('discovery'), {}),
  'PATCH /discoveries/{id}': withBody(ofInbox('discovery'), { state: 'dismissed' }),
  'PATCH /discoveries': listOf(ofInbox('discovery'), { state: 'dismissed' }),

  'GET /search': () => ({ query: 'q=10.20.1.0' }),

  'POST /auth/login': ({ world: { password } }) => ({ body: { email: 'people@example.net', password } }),
  'POST /auth/refresh': refreshToken,
  'POST /auth/logout': () => ({ body: { refreshToken: 'unknown' } }),
  'POST /auth/password-reset': resetLink,
  'GET /auth/me': nothing,

  'GET /users': nothing,
  'POST /users': ({ world: { password } }) => ({ body: { email: `${newName()}@example.net`, password } }),
  'POST /users/me/password': () => ({
    body: { currentPassword: 'not the one', newPassword: 'a sentence that nobody knows' },
    answers: 422,
  }),
  'GET /users/{id}': ofSpareUser,
  'PATCH /users/{id}': withBody(ofSpareUser, { name: 'Other' }),
  'DELETE /users/{id}': ofSpareUser,
  'POST /users/{id}/unlock': ofSpareUser,
  'POST /users/{id}/password-reset': ofSpareUser,

  'GET /tokens': nothing,
  'POST /tokens': () => ({ body: { name: newName(), role: 'viewer' } }),
  'GET /tokens/{id}': ownToken,
  'DELETE /tokens/{id}': ownToken,

  'GET /grants': nothing,
  'POST /grants': async ({ world }) => ({
    body: { userId: await world.spareUser(), role: 'engineer', vrf: 'blue', cidr: '10.99.0.0/16' },
  }),
  'GET /grants/{id}': someGrant,
  'DELETE /grants/{id}': someGrant,

  'GET /vlan-groups': nothing,
  'POST /vlan-groups': () => ({ body: { name: newName() } }),
  'GET /vlan-groups/{id}': ofVlanGroup,
  'PATCH /vlan-groups/{id}': withBody(ofVlanGroup, { description: 'Other' }),
  'PATCH /vlan-groups': ({ world: { vlanGroup } }) => ({ body: [{ id: vlanGroup, description: 'Other' }] }),
  'DELETE /vlan-groups/{id}': async ({ world }) => {
    const { body } = await world.register.as('admin').post('/vlan-groups', { name: newName() });
    return { params: { id: body.id } };
  },
  'GET /vlan-groups/{id}/free-vids': ofVlanGroup,
  'POST /vlan-groups/{id}/allocations': withBody(ofVlanGroup, {}),
  'GET /vlans': nothing,
  'POST /vlans': () => ({ body: { vid: 4000 } }),
  'GET /vlans/{id}': ofVlan,
  'PATCH /vlans/{id}': withBody(ofVlan, { description: 'Other' }),
  'PATCH /vlans': ({ world: { vlan } }) => ({ body: [{ id: vlan, description: 'Other' }] }),
  'DELETE /vlans/{id}': ofVlan,

  'GET /vrfs': nothing,
  'POST /vrfs': () => ({ body: { name: newName() } }),
  'GET /vrfs/{id}': ofVrf,
  'PATCH /vrfs/{id}': withBody(ofVrf, { description: 'Other' }),
  'PATCH /vrfs': ({ world: { vrf } }) => ({ body: [{ id: vrf, description: 'Other' }] }),
  'DELETE /vrfs/{id}': async ({ world }) => {
    const { body } = await world.register.as('admin').post('/vrfs', { name: newName() });
    return { params: { id: body.id } };
  },

  'GET /subnets': nothing,
  'POST /subnets': ({ at }) => ({ body: { cidr: at.fresh, vrf: 'blue' } }),
  'GET /subnets/{id}': ofSubnet,
  'PATCH /subnets/{id}': withBody(ofSubnet, { name: 'Other' }),
  'PATCH /subnets': ({ at }) => ({ body: [{ id: at.subnet, name: 'Other' }] }),
  'DELETE /subnets/{id}': async (on) => ({ ...(await ofSubnet(on)), query: 'cascade=rehome' }),
  'GET /subnets/{id}/addresses': ofSubnet,
  'GET /subnets/tree': nothing,
  'GET /subnets/{id}/children': ofRoot,
  'GET /subnets/{id}/ancestors': ofSubnet,
  'GET /subnets/{id}/free': ofSubnet,
  'GET /subnets/{id}/free-subnets': ofRoot,
  'GET /subnets/{id}/map': ofSubnet,
  'POST /subnets/{id}/split': withBody(ofSubnet, { prefixLength: 25 }),
  'POST /subnets/{id}/merge': ({ at }) => ({
    params: { id: at.halves[0] },
    body: { subnetIds: [at.halves[1]] },
  }),
  'POST /subnets/{id}/resize': withBody(ofSubnet, ({ at }: Occasion) => ({
    cidr: at.block.replace('.0.0/16', '.0.0/23'),
  })),
  'POST /subnets/{id}/renumber': withBody(ofSubnet, ({ at }: Occasion) => ({ cidr: at.fresh })),
  'GET /lookup/{ip}': ({ at }) => ({ params: { ip: at.ip } }),
  'GET /lookup/{ip}/{length}': () => ({ params: { ip: '10.20.1.0', length: '24' } }),

  'GET /ranges': nothing,
  'POST /ranges': ({ at }) => ({ body: { start: at.ip, end: at.ip, purpose: 'reserved', vrf: 'blue' } }),
  'GET /ranges/{id}': ofRange,
  'PATCH /ranges/{id}': withBody(ofRange, { description: 'Other' }),
  'DELETE /ranges/{id}': ofRange,

  'GET /addresses': nothing,
  'POST /addresses': ({ at }) => ({ body: { address: at.ip, vrf: 'blue' } }),
  'GET /addresses/{id}': ofAddress,
  'PATCH /addresses/{id}': withBody(ofAddress, { hostname: 'other' }),
  'PATCH /addresses': ({ at }) => ({ body: [{ id: at.address, hostname: 'other' }] }),
  'DELETE /addresses/{id}': ofAddress,
  'GET /addresses/{id}/assignments': ofAddress,
  'POST /addresses/{id}/assignments': async (on) => ({
    ...(await ofAddress(on)),
    body: { deviceId: (await spareDevice(on)).device },
  }),
  'DELETE /addresses/{id}/assignments/{assignmentId}': sharedAddress,
  'GET /devices/{id}/addresses': ofDevice,

  'POST /subnets/{id}/allocations': withBody(ofSubnet, {}),
  'POST /subnets/{id}/subnet-allocations': withBody(ofRoot, { prefixLength: 28 }),
  'POST /addresses/{id}/release': withBody(ofAddress, {}),
  'POST /addresses/release': ({ at }) => ({ body: { addresses: [at.address] } }),

  'GET /devices': nothing,
  'POST /devices': () => ({ body: { name: newName() } }),
  'GET /devices/{id}': ofDevice,
  'PATCH /devices/{id}': withBody(ofDevice, { description: 'Other' }),
  'PATCH /devices': async (on) => ({
    body: [{ id: (await spareDevice(on)).device, description: 'Other' }],
  }),
  'DELETE /devices/{id}': ofDevice,
  'GET /devices/{id}/interfaces': ofDevice,
  'POST /devices/{id}/interfaces': withBody(ofDevice, { name: 'eth1' }),
  'GET /interfaces': nothing,
  'POST /interfaces': async (on) => ({ body: { deviceId: (await spareDevice(on)).device, name: 'eth1' } }),
  'GET /interfaces/{id}': ofInterface,
  'PATCH /interfaces/{id}': withBody(ofInterface, { description: 'Other' }),
  'PATCH /interfaces': async (on) => ({
    body: [{ id: (await spareDevice(on)).port, description: 'Other' }],
  }),
  'DELETE /interfaces/{id}': ofInterface,

  'GET /pools': nothing,
  'POST /pools': ({ at }) => ({ body: { name: newName(), members: [at.subnet] } }),
  'GET /pools/{id}': ofPool,
  'PATCH /pools/{id}': withBody(ofPool, { description: 'Other' }),
  'DELETE /pools/{id}': ofPool,
  'POST /pools/{id}/allocations': withBody(ofPool, {}),
  'POST /pools/{id}/subnet-allocations': withBody(ofPool, { prefixLength: 28 }),

  'GET /sites': nothing,
  'POST /sites': () => ({ body: { name: newName() } }),
  'GET /sites/{id}': ofSite,
  'PATCH /sites/{id}': withBody(ofSite, { description: 'Other' }),
  'PATCH /sites': ({ world: { site } }) => ({ body: [{ id: site, description: 'Other' }] }),
  'DELETE /sites/{id}': ofSite,

  'GET /custom-fields': nothing,
  'POST /custom-fields': () => ({
    body: { model: 'pool', name: newName().replace('-', '_'), type: 'text' },
  }),
  'GET /custom-fields/{id}': ofCustomField,
  'PATCH /custom-fields/{id}': withBody(ofCustomField, { description: 'Other' }),
  'PATCH /custom-fields': ({ world: { customField } }) => ({
    body: [{ id: customField, description: 'Other' }],
  }),
  'DELETE /custom-fields/{id}': ofCustomField,

  'GET /notifiers': nothing,
  'POST /notifiers': () => ({ body: someNotifier() }),
  'GET /notifiers/{id}': ofNotifier,
  'PATCH /notifiers/{id}': withBody(ofNotifier, { description: 'Other' }),
  'PATCH /notifiers': async (on) => ({ body: [{ id: (await spareNotifier(on)).id, description: 'Other' }] }),
  'DELETE /notifiers/{id}': ofNotifier,
  'POST /notifiers/{id}/test': ofNotifier,
  'GET /notifier-kinds': nothing,
  'GET /notifiable-events': nothing,
  'GET /deliveries': nothing,
  'GET /deliveries/{id}': ofDelivery,
  'POST /deliveries/{id}/redeliver': ofDelivery,

  'GET /tags': nothing,
  'POST /tags': () => ({ body: { name: newName() } }),
  'GET /tags/{id}': ofTag,
  'PATCH /tags/{id}': withBody(ofTag, { description: 'Other' }),
  'PATCH /tags': ({ world: { tag } }) => ({ body: [{ id: tag, description: 'Other' }] }),
  'DELETE /tags/{id}': ofTag,

  'GET /audit-logs': nothing,
  'GET /audit-logs/{id}': lineOfLog,
  'GET /history/{entity}': ({ at }) => ({ params: { entity: 'subnet' }, query: `id=${at.subnet}` }),
  'POST /changes/{changeId}/revert': ({ at }) => ({ params: { changeId: at.changeId } }),
};
