import type { RunQuery } from '../db/database.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { type Route, route } from '../http/route.ts';
import { idParams } from '../http/schemas.ts';
import type { Jobs } from './jobs.ts';
import { findRun, type JobRunView, jobList, jobRun } from './list.ts';

/** Who may look at runs, and who may end or repeat them. */
export const jobPermissions = {
  'jobs:read': { label: 'See jobs and what became of them', roles: ['admin', 'engineer', 'auditor'] },
  'jobs:write': { label: 'Cancel and retry jobs', roles: ['admin'] },
} as const;

/** The kernel's routes of runs, of whatever plugin. */
export function jobRoutes(jobs: Jobs, query: RunQuery): Route[] {
  async function existing(id: number, run: RunQuery = query): Promise<JobRunView> {
    const found = await findRun(run, id);
    if (!found)
      throw kernelErrors.notFound(`There is no job with the id ${id}; finished ones are deleted in time.`);
    return found;
  }

  return [
    route({
      method: 'get',
      path: '/jobs',
      tag: 'System',
      summary: 'List the runs of jobs, the newest first',
      permission: 'jobs:read',
      query: jobList.query,
      returns: jobList.page,
      handler: ({ query: asked }) => jobList.run(query, asked),
    }),
    route({
      method: 'get',
      path: '/jobs/{id}',
      tag: 'System',
      summary: 'Show a run of a job',
      permission: 'jobs:read',
      params: idParams,
      query: jobList.recordQuery,
      returns: jobList.record,
      handler: async ({ params, query: asked }) => jobList.complete(query, await existing(params.id), asked),
    }),
    route({
      method: 'post',
      path: '/jobs/{id}/retry',
      tag: 'System',
      summary: 'Queue a run that failed or was cancelled again',
      permission: 'jobs:write',
      params: idParams,
      returns: jobRun,
      status: 202,
      throws: [kernelErrors.conflict],
      handler: async ({ params: { id }, write }) =>
        write(async (tx) => {
          const retried = await jobs.retry(tx, id);
          const run = await existing(id, tx.query);
          if (!retried) {
            throw kernelErrors.conflict(
              `The job ${id} is ${run.state}; one that failed or was cancelled can be retried.`,
            );
          }
          return run;
        }),
    }),
    route({
      method: 'delete',
      path: '/jobs/{id}',
      tag: 'System',
      summary: 'Cancel a run',
      description:
        'A queued one is cancelled at once; a running one is told to end, and is cancelled when it has.',
      permission: 'jobs:write',
      params: idParams,
      returns: jobRun,
      status: 202,
      throws: [kernelErrors.conflict],
      handler: async ({ params: { id } }) => {
        const state = await jobs.cancel(id);
        const run = await existing(id);
        if (state === undefined)
          throw kernelErrors.conflict(`The job ${id} has ended already: it is ${run.state}.`);
        return run;
      },
    }),
  ];
}
