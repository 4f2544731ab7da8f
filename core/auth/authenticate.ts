import type { KeyObject } from 'node:crypto';
import type { Request } from 'express';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { extensionPoint } from '../plugin/extension.ts';
import type { Grant, Principal } from './principal.ts';
import type { HeldToken, TokenSource } from './token-source.ts';
import { algorithmOf, tokenRules, verifierOf } from './tokens.ts';

/** The claims of an access token that the kernel looks at: `sub` is the user's id, `exp` seconds since 1970. */
export interface AccessClaims {
  sub: string;
  exp: number;
  [claim: string]: unknown;
}

/** Finds who a verified access token speaks for; undefined where that user is gone, locked or revoked it. */
export type PrincipalSource = (claims: AccessClaims) => Promise<Principal | undefined>;

/** Filled by the plugin that keeps the users. */
export const principalSources = extensionPoint<PrincipalSource>('auth.principals');

/** Finds the roles that a user has on branches. */
export type GrantSource = (userId: number) => Promise<readonly Grant[]>;

/**
 * Filled by the plugin that keeps who has which role on which branch. The kernel only has the transaction carry the branches'
 * keys, as JSON in the setting `cadastre.branches`: that plugin also keeps the triggers (`tableRules`) which refuse a row outside
 * of them, with a constraint named `within_branches`. API tokens have no grants: what one may is the role it was made with.
 */
export const grantSources = extensionPoint<GrantSource>('auth.grants');

/** Who sends this request; throws 401 where nobody, or nobody valid, does, and 403 from where a token may not be used. */
export type Authenticate = (req: Request) => Promise<Principal>;

/** How long, in milliseconds, a verified token is believed without asking again: the longest a revoked one can live on. */
const believedFor = 5_000;
const mostRemembered = 10_000;

const scheme = /^bearer +/i;

/** Asks the sources, one after the other, whom some claims speak for, and what that user may on branches. */
export function createPrincipalOf(
  sources: () => readonly PrincipalSource[],
  grantsOf: () => readonly GrantSource[] = () => [],
): PrincipalSource {
  return async (claims) => {
    for (const source of sources()) {
      const principal = await source(claims);
      if (!principal) continue;
      if (principal.kind === 'token') return principal;
      const grants = await Promise.all(grantsOf().map((each) => each(principal.id)));
      return { ...principal, grants: grants.flat() };
    }
    return undefined;
  };
}

/** Verifies bearer tokens (JWTs with passport-jwt, others by their source), and remembers each verdict for a few seconds. */
export function createAuthenticate(
  key: KeyObject,
  principalOf: PrincipalSource,
  tokenSources: () => readonly TokenSource[] = () => [],
): Authenticate {
  const remembered = new Map<string, { held: HeldToken; until: number }>();
  // The key and the algorithm are ours, whatever a token's header says (`alg`, `kid`, `jku`).
  const strategy = new Strategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: verifierOf(key) as unknown as Buffer,
      algorithms: [algorithmOf(key)],
      issuer: tokenRules.issuer,
      audience: tokenRules.audience,
    },
    (claims: AccessClaims, done) => {
      principalOf(claims).then(
        (principal) => done(null, principal ? { principal, expiresAt: new Date(claims.exp * 1000) } : false),
        (fault) => done(fault),
      );
    },
  );
  const verifier = new passport.Passport();
  verifier.use(strategy);

  function verify(req: Request): Promise<HeldToken> {
    return new Promise((fulfil, reject) => {
      const decide = (fault: unknown, found: unknown, info: unknown) => {
        if (fault) return reject(fault);
        if (found) return fulfil(found as HeldToken);
        return reject(kernelErrors.notAuthenticated(reasonFor(info)));
      };
      verifier.authenticate('jwt', { session: false }, decide)(req, {} as never, reject);
    });
  }

  async function lookUp(req: Request, header: string): Promise<HeldToken> {
    const token = header.replace(scheme, '');
    const source =
      token === header ? undefined : tokenSources().find(({ prefix }) => token.startsWith(prefix));
    if (!source) return verify(req);
    const held = await source.find(token);
    if (held) return held;
    throw kernelErrors.notAuthenticated(
      'There is no such API token, or no more: it may have expired or been revoked.',
    );
  }

  return async (req) => {
    const header = req.headers.authorization;
    if (header === undefined) {
      throw kernelErrors.notAuthenticated(
        'No token was sent: POST /api/v1/auth/login, then send Authorization: Bearer <accessToken>.',
      );
    }
    const now = Date.now();
    let known = remembered.get(header);
    if (!known || known.until <= now) {
      const held = await lookUp(req, header);
      known = {
        held,
        until: Math.min(now + believedFor, held.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY),
      };
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(header, known);
    }
    const { principal, admits } = known.held;
    if (admits && !admits(req.ip ?? '')) {
      throw kernelErrors.forbidden(
        `This API token may not be used from ${req.ip}; its allowedCidrs say from where it may.`,
      );
    }
    return principal;
  };
}

function reasonFor(info: unknown): string {
  const message = (info as Error | undefined)?.message ?? '';
  if (message === 'jwt expired')
    return 'The access token has expired: POST /api/v1/auth/refresh for a new one.';
  if (message === 'No auth token') return 'The Authorization header must read: Bearer <accessToken>.';
  if (info instanceof Error) return 'The access token is not valid.';
  return 'The user of this token may not sign in any more.';
}
