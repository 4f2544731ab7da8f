import type { Client, TestRegister } from '#core/testing';

const password = 'engines need no sleep';

/** A tree with a branch, 10.20.0.0/16 in VRF `blue`, and what lies in it and beside it. */
export interface Land {
  blue: number;
  /** Ids of subnets, by their blocks; all in VRF blue but for `global`'s 10.20.0.0/16. */
  subnets: Record<string, number>;
  global: number;
}

/** Registers the tree as an admin. */
export async function makeLand(register: TestRegister): Promise<Land> {
  const admin = register.as('admin');
  const { body: blue } = await admin.post('/vrfs', { name: 'blue' });
  const cidrs = [
    '10.0.0.0/8',
    '10.20.0.0/16',
    '10.20.1.0/24',
    '10.20.2.0/24',
    '10.30.0.0/16',
    '10.30.1.0/24',
  ];
  const subnets: Record<string, number> = {};
  for (const cidr of cidrs) {
    subnets[cidr] = (await admin.post('/subnets', { cidr, vrf: 'blue' })).body.id;
  }
  const { body: same } = await admin.post('/subnets', { cidr: '10.20.0.0/16' });
  return { blue: blue.id, subnets, global: same.id };
}

/** A user of some role, signed in. */
export async function signedIn(
  register: TestRegister,
  name: string,
  role = 'viewer',
): Promise<{ id: number; email: string; client: Client }> {
  const email = `${name}@example.net`;
  const { body } = await register.as('admin').post('/users', { email, role, password });
  return { id: body.id, email, client: await clientOf(register, email) };
}

/** The same user with a new token, of which the kernel remembers nothing. */
export async function clientOf(register: TestRegister, email: string): Promise<Client> {
  const session = await register.anonymous.post('/auth/login', { email, password });
  return register.withToken(session.body.accessToken);
}

/** Gives a role on a branch; answers the grant's id. */
export async function give(register: TestRegister, userId: number, cidr: string, role = 'engineer') {
  const { body } = await register.as('admin').post('/grants', { userId, role, vrf: 'blue', cidr });
  return body.id as number;
}
