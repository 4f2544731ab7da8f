import type { TestRegister } from '#core/testing';
import { clientOf, give, signedIn } from './plugins/delegation/testing/people.ts';

/** A part of the tree that calls are aimed at: everything that they name lies in it. */
export interface Place {
  /** A block with a /16, which holds all that follows, and its id. */
  block: string;
  root: number;
  /** The id of a /24, and of an address, a range, and a pool of it. */
  subnet: number;
  address: number;
  range: number;
  pool: number;
  /** An address of it that nobody has. */
  ip: string;
  /** Two adjacent /25. */
  halves: readonly [number, number];
  /** A /24 where nothing is. */
  fresh: string;
  /** A change of something in it. */
  changeId: string;
}

/** What the calls of the access table are made in: two branches of a tree, and somebody in each role. */
export interface World {
  register: TestRegister;
  vrf: number;
  site: number;
  tag: number;
  customField: number;
  vlanGroup: number;
  /** A VLAN of that group. */
  vlan: number;
  inside: Place;
  outside: Place;
  /** The token of somebody by their column in the table; undefined: none. */
  tokens: Record<string, string | undefined>;
  /** The id of the user whose token it is. */
  users: Record<string, number>;
  /** The password of `people@example.net`, who may be signed in. */
  password: string;
  /** The id of a user whom nobody needs. */
  spareUser(): Promise<number>;
}

const password = 'engines need no sleep';

async function makePlace(register: TestRegister, vrf: number, second: number): Promise<Place> {
  const admin = register.as('admin');
  const at = (rest: string) => `10.${second}.${rest}`;
  const make = async (path: string, body: object) => {
    const answer = await admin.post(path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.id as number;
  };
  const makeSubnet = (cidr: string) => make('/subnets', { vrfId: vrf, cidr });
  const root = await makeSubnet(at('0.0/16'));
  const subnet = await makeSubnet(at('1.0/24'));
  const halves = [await makeSubnet(at('2.0/25')), await makeSubnet(at('2.128/25'))] as const;
  const address = await make('/addresses', { vrfId: vrf, address: at('1.9') });
  const range = await make('/ranges', { vrfId: vrf, start: at('1.100'), end: at('1.110'), purpose: 'dhcp' });
  const pool = await make('/pools', { name: `pool ${second}`, members: [subnet] });
  const { headers } = await admin.patch(`/subnets/${subnet}`, { name: 'Named' });
  const changeId = String(headers['x-change-id']);
  const fresh = at('90.0/24');
  return { block: at('0.0/16'), root, subnet, address, range, pool, ip: at('1.77'), halves, fresh, changeId };
}

/** Makes it: in the branch 10.20.0.0/16 the delegated engineer may write, who is a viewer otherwise. */
export async function makeWorld(register: TestRegister): Promise<World> {
  const { body: blue } = await register.as('admin').post('/vrfs', { name: 'blue' });
  const { body: site } = await register.as('admin').post('/sites', { name: 'Oslo' });
  const { body: customField } = await register
    .as('admin')
    .post('/custom-fields', { model: 'pool', name: 'spare', type: 'text' });
  const { body: tag } = await register.as('admin').post('/tags', { name: 'spare' });
  const { body: access } = await register.as('admin').post('/vlan-groups', { name: 'access' });
  const { body: vlan } = await register.as('admin').post('/vlans', { groupId: access.id, vid: 100 });
  const inside = await makePlace(register, blue.id, 20);
  const outside = await makePlace(register, blue.id, 30);
  const tokens: World['tokens'] = {};
  const users: World['users'] = {};
  const tokenOf = async (email: string) =>
    (await register.anonymous.post('/auth/login', { email, password })).body.accessToken as string;
  for (const role of ['viewer', 'auditor', 'engineer', 'admin', 'delegated', 'revoked', 'people']) {
    const own = role === 'delegated' || role === 'people' ? 'viewer' : role === 'revoked' ? 'admin' : role;
    const { id, email } = await signedIn(register, role, own);
    if (role === 'delegated') await give(register, id, inside.block);
    users[role] = id;
    tokens[role] = await tokenOf(email);
  }
  const { body: session } = await register.anonymous.post('/auth/login', {
    email: 'revoked@example.net',
    password,
  });
  await register.anonymous.post('/auth/logout', { refreshToken: session.refreshToken });
  tokens.revoked = session.accessToken;
  const ended = await clientOf(register, 'revoked@example.net');
  const { body: made } = await ended.post('/tokens', { name: 'gone', role: 'admin' });
  await ended.delete(`/tokens/${made.id}`);
  tokens['revoked API token'] = made.token;

  let spare = 0;
  async function spareUser(): Promise<number> {
    spare += 1;
    const [row] = await register.db.query<{ id: number }>(
      `INSERT INTO app_user (email, name, role, password_hash) VALUES ($1, 'Spare', 'viewer', 'none') RETURNING id`,
      [`spare-${spare}@example.net`],
    );
    return (row as { id: number }).id;
  }

  return {
    register,
    vrf: blue.id,
    site: site.id,
    tag: tag.id,
    customField: customField.id,
    vlanGroup: access.id,
    vlan: vlan.id,
    inside,
    outside,
    tokens,
    users,
    password,
    spareUser,
  };
}
