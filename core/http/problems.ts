import type { Request, Response } from 'express';
import { databaseProblem } from '../db/failures.ts';
import { kernelErrors } from '../errors/kernel-errors.ts';
import { Problem } from '../errors/problem.ts';
import type { Log } from '../log/log.ts';
import { redacted } from '../log/redact.ts';
import { refusedBody } from './body.ts';

interface HttpFault {
  type?: string;
  status?: number;
  expose?: boolean;
  limit?: number;
  message?: string;
}

/** What V8 shows of a text that is not JSON: there may be a password in it. */
const excerpt = /, (?:\.\.\.)?"[\s\S]*" is not valid JSON$/;

/** What Express and its body parser throw, in our words; a fault that merely has a `status` is not theirs. */
function frameworkProblem(fault: HttpFault): Problem | undefined {
  const refused = refusedBody(fault.type);
  if (refused) return refused;
  if (fault instanceof URIError) return kernelErrors.notParseable('The path has a bad percent-encoding.');
  if (fault.expose !== true) return undefined;
  const message = fault.message ?? 'The request could not be read.';
  if (fault.status === 404) return kernelErrors.notFound('There is no such file.');
  if (fault.status === 413) return kernelErrors.tooLarge(`The body is larger than ${fault.limit} bytes.`);
  if (fault.status === 415) return kernelErrors.unsupportedMediaType(message);
  if (fault.type === 'entity.parse.failed')
    return kernelErrors.notParseable(`The body is not JSON: ${message.replace(excerpt, '')}`);
  return kernelErrors.notParseable(message);
}

/** Any thrown thing as a problem; what nobody foresaw becomes 500 and says nothing of its inside. */
function problemOf(fault: unknown): Problem {
  const known = databaseProblem(fault);
  if (known instanceof Problem) return known;
  return (
    frameworkProblem((fault ?? {}) as HttpFault) ??
    kernelErrors.internal(
      'The request failed for a reason that is ours, not yours; the log has it under the request id.',
    )
  );
}

/** The body of a problem (RFC 9457); `instance` is the path asked for, where it could be read. Without an occasion: one among others. */
export function problemBody(
  problem: Problem,
  occasion: { instance?: string; requestId?: string } = {},
): object {
  return {
    type: `urn:cadastre:error:${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    ...occasion,
    ...(problem.errors ? { errors: problem.errors } : {}),
    ...problem.members,
  };
}

/** Answers RFC 9457 problem+json. */
function sendProblem(req: Request, res: Response, problem: Problem): void {
  const instance = redacted(req.originalUrl.split('?', 1)[0] ?? '/');
  const body = JSON.stringify(problemBody(problem, { instance, requestId: res.locals.requestId }));
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
