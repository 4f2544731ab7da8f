import { extensionPoint } from '../plugin/extension.ts';
import type { Principal } from './principal.ts';

/** Whom a token that is kept by the register speaks for. */
export interface HeldToken {
  principal: Principal;
  /** It counts no longer than this. */
  expiresAt?: Date | undefined;
  /** Whether it may come from a client's address, asked at every request; left out, from anywhere. */
  admits?(address: string): boolean;
}

/** Looks up bearer tokens that are no JWT, known by how they begin; undefined where there is no such token, or no more. */
export interface TokenSource {
  /** `cad_`. */
  prefix: string;
  find(token: string): Promise<HeldToken | undefined>;
}

/** Filled by the plugin that keeps API tokens. */
export const tokenSources = extensionPoint<TokenSource>('auth.tokens', ({ prefix }, others) => {
  const taken = others.find((other) => prefix.startsWith(other.prefix) || other.prefix.startsWith(prefix));
  if (taken) throw new Error(`tokens that begin with ${taken.prefix} are looked up by another plugin`);
});
