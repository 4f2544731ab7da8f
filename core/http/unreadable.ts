import { randomUUIDv7 } from 'node:crypto';
import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { kernelErrors } from '../errors/kernel-errors.ts';
import type { Problem } from '../errors/problem.ts';
import type { Log } from '../log/log.ts';
import { problemBody } from './problems.ts';
import type { Headers } from './security.ts';

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return kernelErrors.headersTooLarge('The address and all headers of a request together may have 16 kB.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return kernelErrors.timeout('The request did not arrive whole within the time allowed.');
  }
  return kernelErrors.notParseable('What arrived is not HTTP/1.1.');
}

/** Bytes that are not HTTP, headers too large and requests too slow never reach Express; they get a problem too. */
export function answerUnreadable(server: Server, headers: Headers, log: Log): void {
  server.on('clientError', (fault: NodeJS.ErrnoException, socket: Socket) => {
    if (fault.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const requestId = randomUUIDv7();
    const problem = problemOf(fault.code);
    const body = JSON.stringify(problemBody(problem, { requestId }));
    socket.end(
      [
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
        'Content-Type: application/problem+json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `X-Request-Id: ${requestId}`,
        ...headers.map(([name, value]) => `${name}: ${value}`),
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
    log.info({ requestId, status: problem.status, problem: problem.code }, 'request');
  });
}
