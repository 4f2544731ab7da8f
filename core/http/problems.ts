import type { Request, Response } from 'express';
import { databaseProblem } from '../db/failures.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { Problem } from '../errors/problem.ts';
import type { Log } from '../log/log.ts';
import { refusedBody } from './body.ts';

interface HttpFault {
  type?: string;
  status?: number;
  statusCode?: number;
  limit?: number;
  message?: string;
}

/** What Express and its body parser throw, in our words. */
function frameworkProblem(fault: HttpFault): Problem | undefined {
  const status = fault.status ?? fault.statusCode;
  const refused = refusedBody(fault.type);
  if (refused) return refused;
  if (status === 413) return kernelErrors.tooLarge(`The body is larger than ${fault.limit} bytes.`);
  if (status === 415) return kernelErrors.unsupportedMediaType(fault.message ?? 'The encoding is not supported.');
  if (fault.type === 'entity.parse.failed') {
    return kernelErrors.notParseable(`The body is not JSON: ${fault.message}`);
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return kernelErrors.notParseable(fault.message ?? 'The request could not be read.');
  }
  return undefined;
}

/** Any thrown thing as a problem; what nobody foresaw becomes 500 and says nothing of its inside. */
export function problemOf(fault: unknown): Problem {
  const known = databaseProblem(fault);
  if (known instanceof Problem) return known;
  return (
    frameworkProblem((fault ?? {}) as HttpFault) ??
    kernelErrors.internal('The request failed for a reason that is ours, not yours; the log has it under the request id.')
  );
}

/** Answers RFC 9457 problem+json. */
export function sendProblem(req: Request, res: Response, problem: Problem): void {
  const body = JSON.stringify({
    type: `urn:cadastre:error:${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    instance: req.originalUrl.split('?', 1)[0],
    requestId: res.locals.requestId,
    ...(problem.errors ? { errors: problem.errors } : {}),
    ...problem.members,
  });
  res.statusCode = problem.status;
  for (const [name, value] of Object.entries(problem.headers)) res.setHeader(name, value);
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="cadastre"');
  res.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** The last error handler: answers, and logs what is our own fault with its stack. */
export function createErrorHandler(log: Log) {
  return (fault: unknown, req: Request, res: Response, _next: unknown): void => {
    const problem = problemOf(fault);
    res.locals.problem = problem.code;
    if (problem.status === 500) log.error({ err: fault, requestId: res.locals.requestId }, 'request failed');
    if (res.headersSent) res.destroy();
    else sendProblem(req, res, problem);
  };
}
