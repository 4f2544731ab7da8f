import { extensionPoint } from '../plugin/extension.ts';
import type { AccessClaims } from './authenticate.ts';
import type { Caller } from './caller.ts';

/** An open sign-in: who it speaks for, in the words of an access token, and the secret that ends it. */
export interface SignedIn {
  claims: AccessClaims;
  token: string;
}

/** Signs people in by e-mail and password, for whoever keeps a session of their own. */
export interface SignIns {
  /** Throws the problem (401, 429) that the API's login answers with. */
  open(caller: Caller, email: string, password: string): Promise<SignedIn>;
  /** Ends the sign-in that a token belongs to, if there is one. */
  close(caller: Caller, token: string): Promise<void>;
}

/** Filled by the plugin that keeps the users. */
export const signIns = extensionPoint<SignIns>('auth.sign-ins');
