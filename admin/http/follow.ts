import { type Request, type RequestHandler, type Response, Router } from 'express';
import { kernelErrors, type PanelKernel } from '#core';
import { extrasOf } from '../resource/extras.ts';
import type { Row } from '../resource/reading.ts';
import type { RegisterResource } from '../resource/resource.ts';
import { shownRow } from '../resource/values.ts';
import type { PanelUser } from '../user.ts';

interface FollowParts {
  kernel: PanelKernel;
  resources: readonly RegisterResource[];
  userOf(res: Response): PanelUser;
  /** Whether the request's session is still somebody's. */
  isSignedIn(req: Request): Promise<boolean>;
}

/**
 * Serves how far a record is, as it gets further: the stream that its view names, in the person's name, and at each of its events the
 * record as a page shows it. It ends with the stream, and with the session.
 */
export function createFollow({ kernel, resources, userOf, isSignedIn }: FollowParts): RequestHandler {
  const router = Router({ caseSensitive: true });
  router.get('/api/resources/:resourceId/records/:recordId/follow', async (req, res) => {
    const { resourceId, recordId: id } = req.params;
    const resource = resources.find(({ view }) => view.name === resourceId);
    const path = resource?.view.progress?.follow;
    const route = kernel.registry.routes.find((each) => each.streams && each.path === path);
    if (!resource || !route) throw kernelErrors.notFound(`Nothing of ${resourceId} can be followed.`);
    const { principal, requestId, address } = userOf(res);
    const call = { route, principal, params: { id }, requestId, address };
    const events = (await kernel.invoke(call)) as AsyncIterable<unknown>;
    await kernel.sendEvents(
      res,
      shownAt(kernel, events, resource, id, () => isSignedIn(req)),
    );
  });
  return router;
}

async function* shownAt(
  kernel: PanelKernel,
  events: AsyncIterable<unknown>,
  { reading, view }: RegisterResource,
  id: string,
  goesOn: () => Promise<boolean>,
): AsyncGenerator<Row | undefined> {
  for await (const event of events) {
    if (!(await goesOn())) return;
    const [row] = event === undefined ? [] : await reading.byIds([id]);
    yield row && { ...shownRow(view.columns, row), ...extrasOf(kernel, view, row) };
  }
}
