import { createHash, randomBytes } from 'node:crypto';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import {
  commonRole,
  covers,
  type HeldToken,
  invalidRequest,
  kernelErrors,
  type Page,
  type Principal,
  type Role,
  type Tx,
} from '#core';
import type { UsersContext } from './context.ts';
import { plainAddress } from './domain/network.ts';
import { usersErrors } from './errors.ts';
import { tokenList } from './listing.ts';
import * as sql from './queries.ts';
import type { ApiToken, MadeToken, NewToken, User } from './schemas.ts';

/** How API tokens begin, so that people, scanners of source code and the kernel know one when they see it. */
export const tokenPrefix = 'cad_';
/** How old, in milliseconds, `lastUsedAt` may be: it is not written at every request. */
const usedWithin = 5 * 60_000;

type Write = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** API tokens: a person sees and revokes their own, an admin everybody's. */
export interface ApiTokens {
  listTokens(reader: Principal, parameters: Record<string, unknown>): Promise<Page<ApiToken>>;
  /** Throws 404, also for a token that is not the reader's to see. */
  getToken(reader: Principal, id: number): Promise<ApiToken>;
  /** The token itself is in the answer and nowhere else. Throws 403 `role-too-high`, and 422 for networks that are none. */
  createToken(write: Write, owner: Principal, input: NewToken): Promise<MadeToken>;
  /** Throws 404, as above. */
  revokeToken(write: Write, reader: Principal, id: number): Promise<void>;
  /** Whom a token speaks for while its owner is active, with what both the token and the owner may. */
  holderOf(token: string): Promise<HeldToken | undefined>;
}

interface FoundToken {
  id: number;
  name: string;
  role: Role;
  ownerId: number;
  ownerRole: Role;
  allowedCidrs: string[];
  expiresAt: string | null;
  lastUsedAt: string | null;
}

const hashed = (token: string) => createHash('sha256').update(token).digest();

/** Makes the API tokens of one register. */
export function createApiTokens(ctx: UsersContext): ApiTokens {
  /** The user whose tokens a reader is confined to; null for an admin. */
  const confinedTo = ({ role, id }: Principal) => (role === 'admin' ? null : id);

  /** Throws 422 for what has bits beyond its prefix: it would mean a whole network where perhaps one address was meant. */
  async function demandNetworks(tx: Tx, cidrs: readonly string[]): Promise<void> {
    const odd = await tx.query<{ at: number; given: string; meant: string }>(sql.oddNetworks, [cidrs]);
    if (odd.length === 0) return;
    throw invalidRequest(
      odd.map(({ at, given, meant }) => ({
        path: `body.allowedCidrs.${at - 1}`,
        code: 'host-bits-set',
        message: `"${given}" has host bits set; did you mean ${meant}?`,
      })),
    );
  }

  return {
    listTokens(reader, parameters) {
      const owner = confinedTo(reader);
      return tokenList.run(
        ctx.db.query,
        parameters,
        owner === null ? undefined : (bindings) => `t.user_id = ${bindings.bind(owner)}`,
      );
    },

    async getToken(reader, id) {
      return found(await ctx.db.query<ApiToken>(sql.apiTokenById, [id, confinedTo(reader)]), id);
    },

    async createToken(write, owner, { name, role, expiresAt, allowedCidrs }) {
      if (expiresAt && new Date(expiresAt) <= ctx.clock()) {
        throw invalidRequest([
          { path: 'body.expiresAt', code: 'in-the-past', message: 'It would have expired already.' },
        ]);
      }
      const token = `${tokenPrefix}${randomBytes(32).toString('base64url')}`;
      return write(async (tx) => {
        const [user] = await tx.query<User>(sql.lockUser, [owner.id]);
        if (!user?.active) throw kernelErrors.notFound(`There is no active user ${owner.id}.`);
        if (!covers(user.role, role)) {
          throw usersErrors.roleTooHigh(
            `You have the role ${user.role}, and a token may not have more: choose ${user.role} or viewer instead of ${role}.`,
          );
        }
        await demandNetworks(tx, allowedCidrs);
        const values = [user.id, name, role, hashed(token), allowedCidrs, expiresAt ?? null];
        const [made] = await tx.query<ApiToken>(sql.insertApiToken, values);
        return { ...(made as ApiToken), token };
      });
    },

    async revokeToken(write, reader, id) {
      await write(async (tx) => {
        found(await tx.query<{ id: number }>(sql.deleteApiToken, [id, confinedTo(reader)]), id);
      });
    },

    async holderOf(token) {
      const now = ctx.clock();
      const [held] = await ctx.db.query<FoundToken>(sql.apiTokenByHash, [hashed(token), now]);
      if (!held) return undefined;
      const { id, name, role, ownerId, ownerRole, allowedCidrs, expiresAt, lastUsedAt } = held;
      if (!lastUsedAt || now.getTime() - Date.parse(lastUsedAt) > usedWithin) {
        // Nobody is refused because it could not be noted.
        await ctx.db
          .query(sql.noteUse, [id, now])
          .catch((err: unknown) => ctx.log.warn({ err, token: id }, 'the use of a token was not noted'));
      }
      return {
        principal: { id, kind: 'token', name, role: commonRole(role, ownerRole), ownerId },
        expiresAt: expiresAt ? new Date(expiresAt) : undefined,
        ...(allowedCidrs.length > 0 ? { admits: within(allowedCidrs) } : {}),
      };
    },
  };
}

/** Whether an address lies in one of these networks. */
function within(cidrs: readonly string[]): (address: string) => boolean {
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', length] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    networks.addSubnet(address, Number(length ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (given) => {
    const address = plainAddress(given);
    if (isIPv4(address)) return networks.check(address, 'ipv4');
    return isIPv6(address) && networks.check(address, 'ipv6');
  };
}

function found<Row>([row]: readonly Row[], id: number): Row {
  if (row === undefined)
    throw kernelErrors.notFound(`There is no API token ${id}, or it is somebody else's.`);
  return row;
}
