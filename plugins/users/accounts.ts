import { type Caller, invalidRequest, kernelErrors, type Page, type Tx } from '#core';
import type { Attempts } from './attempts.ts';
import type { UsersContext } from './context.ts';
import { passwordFault } from './domain/password.ts';
import { userList } from './listing.ts';
import { demandStrength, type Passwords } from './passwords.ts';
import * as sql from './queries.ts';
import type { NewUser, User, UserChange, userEvents } from './schemas.ts';

/** Throws where the record is not in the state that the client read (412). */
type Expect = (current: User) => void;
/** Runs work in a transaction: a route's own, or one that several routes share. */
type Write = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** The users and their passwords. */
export interface Accounts {
  list(parameters: Record<string, unknown>): Promise<Page<User>>;
  /** Throws 404. */
  getUser(id: number): Promise<User>;
  /** The user of an e-mail address, however it is capitalised. */
  findByEmail(email: string): Promise<User | undefined>;
  /** Throws 409 `email-taken` and 422 for a weak password. */
  createUser(write: Write, input: NewUser): Promise<User>;
  /**
   * The same where there is no user at all; undefined where there is one, also when two try at once. Whoever tries Cadastre out
   * may begin with a weak password, which is then told to the log.
   */
  createFirstUser(caller: Caller, input: NewUser, rules?: { mayBeWeak?: boolean }): Promise<User | undefined>;
  /** Throws 404, 409 `email-taken`, 409 `last-admin`, 422 for a weak password, and what `expect` throws. */
  updateUser(write: Write, id: number, change: UserChange, expect?: Expect): Promise<User>;
  /** Throws 404, 409 `last-admin`, and what `expect` throws. */
  deleteUser(write: Write, id: number, expect?: Expect): Promise<void>;
  /** A user's own change of password, which ends all of their sign-ins; throws 422 where the current one is wrong, 429 after several. */
  changePassword(caller: Caller, id: number, current: string, next: string): Promise<void>;
}

/** Makes the accounts of one register. */
export function createAccounts(ctx: UsersContext, passwords: Passwords, attempts: Attempts): Accounts {
  async function announce(tx: Tx, event: keyof typeof userEvents, user: User): Promise<void> {
    const { id, email, name, role, active } = user;
    await ctx.emit(tx, event, { id, email, name, role, active });
  }

  async function lock(tx: Tx, id: number, expect: Expect | undefined): Promise<User> {
    const user = found(await tx.query<User>(sql.lockUser, [id]), id);
    expect?.(user);
    return user;
  }

  async function insert(tx: Tx, input: NewUser, hash: string): Promise<User> {
    const { email, role, active, mustChangePassword, name = email.split('@')[0] } = input;
    const [user] = await tx.query<User>(sql.insertUser, [
      email,
      name,
      role,
      hash,
      active,
      mustChangePassword,
    ]);
    await announce(tx, 'user.created', user as User);
    return user as User;
  }

  return {
    list: (parameters) => userList.run(ctx.db.query, parameters),
    getUser: async (id) => found(await ctx.db.query<User>(sql.userById, [id]), id),
    findByEmail: async (email) => (await ctx.db.query<User>(sql.userByEmail, [email]))[0],

    async createUser(write, input) {
      demandStrength(input.password, input.email);
      const hash = await passwords.hash(input.password);
      return write((tx) => insert(tx, input, hash));
    },

    async createFirstUser(caller, input, { mayBeWeak = false } = {}) {
      if ((await ctx.db.query(sql.anyUser)).length > 0) return undefined;
      if (!mayBeWeak) demandStrength(input.password, input.email);
      const fault = passwordFault(input.password, input.email);
      if (fault) ctx.log.warn({ code: fault.code }, `the first user's password is weak: ${fault.message}`);
      const hash = await passwords.hash(input.password);
      return ctx.transact(caller, async (tx) => {
        await tx.query(sql.lockTable);
        return (await tx.query(sql.anyUser)).length > 0 ? undefined : insert(tx, input, hash);
      });
    },

    async updateUser(write, id, change, expect) {
      const { email, name, role, password, active } = change;
      const { mustChangePassword = password === undefined ? undefined : true } = change;
      // Hashing takes long: it happens before the row is locked.
      const hash = password === undefined ? undefined : await passwords.hash(password);
      return write(async (tx) => {
        const current = await lock(tx, id, expect);
        if (password !== undefined) demandStrength(password, email ?? current.email);
        const values = [email, name, role, hash, active, mustChangePassword].map((value) => value ?? null);
        const user = found(await tx.query<User>(sql.updateUser, [id, ...values]), id);
        if (user.version !== current.version) await announce(tx, 'user.updated', user);
        return user;
      });
    },

    async deleteUser(write, id, expect) {
      await write(async (tx) => {
        const user = await lock(tx, id, expect);
        await tx.query(sql.deleteUser, [id]);
        await announce(tx, 'user.deleted', user);
      });
    },

    async changePassword(caller, id, current, next) {
      const rows = await ctx.db.query<{ email: string; hash: string }>(sql.credentialsById, [id]);
      const { email, hash } = found(rows, id);
      const guessed = attempts.owner(id);
      await attempts.demandOpen([guessed]);
      if (!(await passwords.matches(current, hash))) {
        await attempts.fail([guessed]);
        throw wrongPassword();
      }
      if (next === current)
        throw refused('body.newPassword', 'same-password', 'It is the password you have.');
      demandStrength(next, email, 'body.newPassword');
      const nextHash = await passwords.hash(next);
      await ctx.transact(caller, async (tx) => {
        const [user] = await tx.query<User>(sql.replacePassword, [id, hash, nextHash]);
        if (!user) throw wrongPassword();
        await attempts.forgive(guessed, tx.query);
        await announce(tx, 'user.updated', user);
      });
    },
  };
}

function found<Row>([row]: readonly Row[], id: number): Row {
  if (row === undefined) throw kernelErrors.notFound(`There is no user ${id}.`);
  return row;
}

function refused(path: string, code: string, message: string) {
  return invalidRequest([{ path, code, message }]);
}

function wrongPassword() {
  return refused('body.currentPassword', 'wrong-password', 'It is not your password.');
}
