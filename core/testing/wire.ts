import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A bare connection to a server, for what no HTTP client would send. */
export class Wire {
  received = '';
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = once(socket, 'close');
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      this.received += chunk;
    });
    socket.on('error', () => undefined);
  }

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Wire(socket);
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Waits until that much has come back; throws where the server hangs up before. */
  async until(pattern: RegExp): Promise<void> {
    const end = this.closed.then(() => {
      if (!pattern.test(this.received)) throw new Error(`The server hung up after: ${this.received}`);
    });
    while (!pattern.test(this.received)) await Promise.race([once(this.#socket, 'data'), end]);
  }

  end(): void {
    this.#socket.destroy();
  }
}
