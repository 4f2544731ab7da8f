import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import {
  type AccessClaims,
  type Caller,
  callerOf,
  kernelErrors,
  type PanelKernel,
  type Principal,
  signIns,
} from '#core';

/** What a session remembers; nothing that could be used elsewhere. */
interface Remembered {
  claims: AccessClaims;
  email: string;
}

declare module 'express-session' {
  interface SessionData {
    signedIn?: Remembered;
  }
}

/** How long a session lives without a request, in milliseconds. */
const idle = 8 * 3_600_000;
/** How long who a session speaks for is believed without asking again, in milliseconds. */
const believedFor = 5_000;

/** Reads the session of a request: its cookie is one that no other site and no script gets hold of. 503 without its store. */
export function createSessionReader(options: {
  path: string;
  secret: string;
  store: session.Store;
}): RequestHandler {
  const read = session({
    name: 'cadastre.panel',
    secret: options.secret,
    store: options.store,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: {
      path: options.path,
      httpOnly: true,
      sameSite: 'strict',
      // By `req.secure`.
      secure: 'auto',
      maxAge: idle,
    },
  });
  return (req, res, next) =>
    read(req, res, (fault?: unknown) => {
      next(fault ? away() : undefined);
    });
}

function away() {
  return kernelErrors.unavailable('The sessions cannot be reached just now; try again shortly.', {
    headers: { 'Retry-After': '2' },
  });
}

/** Signing in and out of the panel. */
export interface PanelSessions {
  /** Who the request's session speaks for; undefined where it has none, or that user may no longer sign in. */
  who(req: Request): Promise<(Remembered & { principal: Principal }) | undefined>;
  /** Throws what the API's login throws. The session gets a new id: one that was planted beforehand is worth nothing. */
  open(req: Request, email: string, password: string): Promise<void>;
  close(req: Request): Promise<void>;
  /** Throws what the API's change of password throws. It ends every sign-in; this session gets another one. */
  changePassword(req: Request, current: string, next: string): Promise<void>;
  /** Throws what the API's reset throws; signs nobody in, and whoever was signed in here out. */
  resetPassword(req: Request, token: string, next: string): Promise<void>;
}

function strangerOf(req: Request): Caller {
  return callerOf({ source: 'panel', requestId: req.res?.locals.requestId, address: req.ip });
}

/** Makes the panel's sign-ins on top of the plugin that keeps the users. */
export function createPanelSessions(kernel: PanelKernel, sweep: () => Promise<void>): PanelSessions {
  const believed = new Map<string, { principal: Principal; until: number }>();

  function source() {
    const [found] = kernel.extensions(signIns);
    if (!found) throw new Error('No plugin keeps users.');
    return found;
  }

  async function principalOf(id: string, { claims }: Remembered): Promise<Principal | undefined> {
    const known = believed.get(id);
    if (known && known.until > Date.now()) return known.principal;
    const principal = await kernel.principalOf(claims);
    if (believed.size > 10_000) believed.clear();
    if (principal) believed.set(id, { principal, until: Date.now() + believedFor });
    else believed.delete(id);
    return principal;
  }

  function done(work: (then: (fault?: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => work((fault) => (fault ? reject(away()) : resolve())));
  }

  return {
    async who(req) {
      const { signedIn } = req.session;
      if (!signedIn) return undefined;
      const principal = await principalOf(req.sessionID, signedIn);
      if (principal) return { ...signedIn, principal };
      await done((then) => req.session.destroy(then));
      return undefined;
    },

    async open(req, email, password) {
      const claims = await source().open(strangerOf(req), email, password);
      await done((then) => req.session.regenerate(then));
      req.session.signedIn = { claims, email };
      await done((then) => req.session.save(then));
      // A sign-in is seldom enough for it, and often enough.
      sweep().catch((fault: unknown) => kernel.log.warn({ err: fault }, 'ended sessions were not swept'));
    },

    async close(req) {
      const { signedIn } = req.session;
      if (!signedIn) return;
      believed.delete(req.sessionID);
      await source().close(strangerOf(req), signedIn.claims);
      await done((then) => req.session.destroy(then));
    },

    async changePassword(req, current, next) {
      const who = await this.who(req);
      if (!who) throw kernelErrors.notAuthenticated('Sign in first.');
      const { principal, email } = who;
      const by = {
        source: 'panel',
        principal,
        requestId: req.res?.locals.requestId,
        address: req.ip,
      } as const;
      await source().changePassword(callerOf(by), principal.id, current, next);
      await this.open(req, email, next);
    },

    async resetPassword(req, token, next) {
      await source().resetPassword(strangerOf(req), token, next);
      // This browser may have been signed in as that very user: its session has ended, whatever is still believed.
      believed.delete(req.sessionID);
      await done((then) => req.session.destroy(then));
    },
  };
}
