import { extensionPoint } from '../plugin/extension.ts';
import type { AccessClaims } from './authenticate.ts';
import type { Caller } from './caller.ts';

/** Signs people in by e-mail and password, for whoever keeps a session of their own. */
export interface SignIns {
  /** Answers whom it speaks for, in the words of an access token; throws the problem (401) that the API's login answers with. */
  open(caller: Caller, email: string, password: string): Promise<AccessClaims>;
  /** Ends the sign-in that some claims belong to. */
  close(caller: Caller, claims: AccessClaims): Promise<void>;
}

/** Filled by the plugin that keeps the users. */
export const signIns = extensionPoint<SignIns>('auth.sign-ins');
