import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { invalidRequest, Problem } from '#core';
import { readPayload } from './payload.ts';
import type { PanelSessions } from './session.ts';

/** A form where somebody signs in, or chooses a password. */
export interface Form {
  form: 'login' | 'password' | 'reset';
  action: string;
  errorMessage: string | null;
  /** Of the link that leads to the form; its page reads it from the address until then. */
  token?: string;
}

interface Parts {
  path: string;
  sessions: PanelSessions;
  /** For every guess, as at the sign-in. */
  limit: readonly RequestHandler[];
  sendForm(res: Response, form: Form, status: number): Promise<void>;
}

const longestToken = 200;

/** Where a signed-in user changes the password, and where whoever was given a link chooses one. */
export function createPasswordPages({ path, sessions, limit, sendForm }: Parts): RequestHandler {
  const pages = { password: `${path}/password`, reset: `${path}/reset` };
  const router = Router({ caseSensitive: true });

  async function read(req: Request, res: Response): Promise<Record<string, string>> {
    const given = Object.entries(await readPayload(req, res)).map(([name, value]) => [name, String(value)]);
    const fields = Object.fromEntries(given) as Record<string, string>;
    // For the form that comes back with what was wrong.
    res.locals.token = fields.token?.slice(0, longestToken);
    if (fields.newPassword !== fields.repeated) {
      const message = 'The new password was not repeated as it is; write it twice.';
      throw invalidRequest([{ path: 'body.repeated', code: 'not-repeated', message }]);
    }
    return fields;
  }

  router.get('/password', async (req, res) => {
    if (!(await sessions.who(req))) return res.redirect(303, `${path}/login`);
    await sendForm(res, { form: 'password', action: pages.password, errorMessage: null }, 200);
  });
  router.post('/password', ...limit, async (req, res) => {
    if (!(await sessions.who(req))) return res.redirect(303, `${path}/login`);
    const { currentPassword = '', newPassword = '' } = await read(req, res);
    await sessions.changePassword(req, currentPassword, newPassword);
    res.redirect(303, `${path}/`);
  });
  router.get('/reset', async (_req, res) => {
    await sendForm(res, { form: 'reset', action: pages.reset, errorMessage: null }, 200);
  });
  router.post('/reset', ...limit, async (req, res) => {
    const { token = '', newPassword = '' } = await read(req, res);
    await sessions.resetPassword(req, token, newPassword);
    res.redirect(303, `${path}/login`);
  });

  // What is refused is said in the form, not in a document for machines.
  const refused: ErrorRequestHandler = (fault, req, res, next) => {
    const form = req.path === '/password' ? 'password' : 'reset';
    if (!(fault instanceof Problem) || fault.status >= 500) return next(fault);
    for (const [name, value] of Object.entries(fault.headers)) res.setHeader(name, value);
    const message = fault.errors?.map((each) => each.message).join(' ') ?? fault.message;
    const { token } = res.locals;
    return sendForm(
      res,
      { form, action: pages[form], errorMessage: message, ...(token ? { token } : {}) },
      fault.status,
    ).catch(next);
  };
  return (req, res, next) => {
    if (req.path !== '/password' && req.path !== '/reset') return next();
    router(req, res, (fault?: unknown) => (fault ? refused(fault, req, res, next) : next()));
  };
}
