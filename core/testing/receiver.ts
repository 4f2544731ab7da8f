import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came in. */
export interface ReceivedHook {
  headers: IncomingHttpHeaders;
  body: string;
  json: Record<string, unknown>;
}

/** A real receiver of webhooks on loopback, which answers as the test says. */
export class Receiver {
  readonly received: ReceivedHook[] = [];
  /** Statuses of the next answers; 204 once there are none. A function answers by itself, or not at all. */
  readonly answers: (number | ((response: ServerResponse) => void))[] = [];
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      this.received.push({ headers: request.headers, body, json: JSON.parse(body || '{}') });
      const answer = this.answers.shift() ?? 204;
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(response);
    });
  });

  readonly open = async (): Promise<void> => {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  };

  readonly close = async (): Promise<void> => {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  };

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** What came in since it was last asked. */
  taken(): ReceivedHook[] {
    return this.received.splice(0);
  }
}
