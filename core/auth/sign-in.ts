import { extensionPoint } from '../plugin/extension.ts';
import type { AccessClaims } from './authenticate.ts';
import type { Caller } from './caller.ts';

/** Signs people in by e-mail and password, for whoever keeps a session of their own. */
export interface SignIns {
  /** Answers whom it speaks for, in the words of an access token; throws the problem (401) that the API's login answers with. */
  open(caller: Caller, email: string, password: string): Promise<AccessClaims>;
  /** Ends the sign-in that some claims belong to. */
  close(caller: Caller, claims: AccessClaims): Promise<void>;
  /** A user's own change of password, which ends all of their sign-ins; throws what the API's change answers with. */
  changePassword(caller: Caller, userId: number, current: string, next: string): Promise<void>;
  /** Sets the password of whoever was given a link to do so; throws what the API's reset answers with. */
  resetPassword(caller: Caller, token: string, next: string): Promise<void>;
}

/** Filled by the plugin that keeps the users. */
export const signIns = extensionPoint<SignIns>('auth.sign-ins');
