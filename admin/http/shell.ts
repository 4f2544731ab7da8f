import type { default as AdminJs, Router as AdminRouter } from 'adminjs';
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { kernelErrors, type PanelKernel, Problem } from '#core';
import { schemeCookie, schemeOf } from '../appearance.ts';
import type { RegisterResource } from '../resource/resource.ts';
import type { PanelUser } from '../user.ts';
import { createAssets } from './assets.ts';
import type { Bundle } from './bundle.ts';
import { createFollow } from './follow.ts';
import { httpsAlone, sameOrigin } from './origin.ts';
import { safePage } from './page.ts';
import { createPasswordPages, type Form } from './passwords.ts';
import { readPayload } from './payload.ts';
import { createAdminRoutes } from './router.ts';
import { createPanelSessions, createSessionReader } from './session.ts';
import type { SessionStore } from './store.ts';

export interface ShellOptions {
  path: '/admin';
  kernel: PanelKernel;
  admin: AdminJs;
  adminRouter: typeof AdminRouter;
  resources: readonly RegisterResource[];
  bundle: Bundle;
  sessions: SessionStore;
  /** Signs the session cookie. */
  secret: string;
  /** Whether the session's cookie is for HTTPS alone, however the request came. */
  secure: boolean;
  /** Sign-ins per client address and minute; 0: as many as they like. */
  loginsPerMinute: number;
}

/** The panel's HTTP: sessions and sign-in, the same-origin rule, safe pages, kept assets, and AdminJS's routes behind them. */
export function createShell(options: ShellOptions): RequestHandler {
  const { path, kernel, admin, adminRouter, bundle, loginsPerMinute } = options;
  const sessions = createPanelSessions(kernel, options.sessions.sweep);
  const login = `${path}/login`;
  const version = () => /components-(\w+)\.js$/.exec(bundle.file() ?? '')?.[1] ?? 'none';
  const files = new Map(adminRouter.assets.map((asset) => [asset.path, asset.src]));

  function sendPage(res: Response, page: string, status = 200): void {
    const { html, policy } = safePage(page, version());
    res.status(status).setHeader('Content-Security-Policy', policy);
    // With the API's `no-referrer` the browser would send our own forms with `Origin: null`.
    res.setHeader('Referrer-Policy', 'same-origin');
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(html);
  }

  async function sendLogin(req: Request, res: Response, status: number, errorMessage: string | null) {
    const next = nextOf(req);
    const action = next === undefined ? login : `${login}?next=${encodeURIComponent(next)}`;
    await sendForm(res, { form: 'login', action, errorMessage }, status);
  }

  /** All forms of the sign-in are one page of AdminJS's, which gets all that it is told. */
  async function sendForm(res: Response, form: Form, status: number): Promise<void> {
    sendPage(res, await admin.renderLogin(form), status);
  }

  const fileOf = (asset: string) =>
    asset.endsWith('/components.bundle.js') ? bundle.file() : files.get(asset);
  const router = Router({ caseSensitive: true });
  router.use((req, _res, next) => {
    // Express mounts in any case, but the cookie's path has one: below /ADMIN there is no session to read.
    if (req.baseUrl !== path) throw kernelErrors.notFound(`There is nothing here; the panel is at ${path}.`);
    next();
  });
  router.get('/frontend/assets/{*rest}', createAssets(fileOf, version));

  router.use((_req, res, next) => {
    if (bundle.file() !== undefined) return next();
    res.status(503).setHeader('Retry-After', '3');
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.setHeader('Refresh', '3');
    res.end(`<!doctype html><title>Cadastre</title><p>${bundle.why()}</p>`);
  });
  if (options.secure) router.use(httpsAlone());
  router.use(createSessionReader({ path, secret: options.secret, store: options.sessions.store }));
  router.use(sameOrigin());

  /** The page that somebody was on the way to; one of ours, or none. */
  function nextOf(req: Request): string | undefined {
    const next = new URLSearchParams(req.originalUrl.split('?')[1]).get('next') ?? '';
    return next.startsWith(`${path}/`) && !/[\\\s]|\/\//.test(next) ? next : undefined;
  }
  const home = `${path}/`;

  router.get('/login', async (req, res) => {
    if (await sessions.who(req)) res.redirect(302, nextOf(req) ?? home);
    else await sendLogin(req, res, 200, null);
  });
  const limit = kernel.rateLimit('panel sign-in', loginsPerMinute);
  router.post('/login', ...(limit ? [limit] : []), async (req, res) => {
    const { email, password } = await readPayload(req, res);
    await sessions.open(req, String(email ?? ''), String(password ?? ''));
    res.redirect(303, nextOf(req) ?? home);
  });
  // A refused sign-in is a page, not a document for machines.
  const refusedLogin: ErrorRequestHandler = (fault, req, res, next) => {
    if (req.path !== '/login' || !(fault instanceof Problem) || fault.status >= 500) return next(fault);
    for (const [name, value] of Object.entries(fault.headers)) res.setHeader(name, value);
    const message = fault.status === 401 ? 'invalidCredentials' : fault.message;
    return sendLogin(req, res, fault.status, message).catch(next);
  };
  router.use(refusedLogin);

  router.use(createPasswordPages({ path, sessions, limit: limit ? [limit] : [], sendForm }));

  router.post('/logout', async (req, res) => {
    await sessions.close(req);
    res.redirect(303, login);
  });

  router.use(async (req, res, next) => {
    const who = await sessions.who(req);
    if (who?.principal.mustChangePassword) return res.redirect(303, `${path}/password`);
    if (who) {
      const user: PanelUser = {
        email: who.email,
        title: who.principal.name,
        principal: who.principal,
        requestId: res.locals.requestId,
        address: req.ip,
      };
      const scheme = schemeOf(cookieOf(req, schemeCookie));
      res.locals.user = { ...user, ...(scheme ? { theme: scheme } : {}) };
      res.locals.principal = who.principal;
      return next();
    }
    // A page's script is led to the sign-in like a person: AdminJS then says that the session is over.
    const isScript = req.headers['sec-fetch-dest'] === 'empty';
    if (req.path.startsWith('/api/') && !isScript) {
      res
        .status(401)
        .json({ message: 'Sign in again.', notice: { type: 'error', message: 'Sign in again.' } });
      return;
    }
    const isPage = req.method === 'GET' && req.path.startsWith('/resources/');
    res.redirect(303, isPage ? `${login}?next=${encodeURIComponent(req.originalUrl)}` : login);
  });
  const userOf = (res: Response) => res.locals.user as PanelUser;
  const board = kernel.queueBoard?.(`${path}/queues`);
  if (board) {
    router.use('/queues', (_req, res, next) => {
      kernel.permissions.demand(userOf(res).principal, 'jobs:write');
      next();
    });
    router.use('/queues', board);
  }
  const isSignedIn = async (req: Request) => (await sessions.who(req)) !== undefined;
  router.use(createFollow({ kernel, resources: options.resources, userOf, isSignedIn }));
  router.use(createAdminRoutes({ admin, routes: adminRouter.routes, sendPage, userOf }));
  return router;
}

function cookieOf(req: Request, name: string): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}
