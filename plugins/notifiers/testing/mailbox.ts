import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A mail as it was handed over. */
export interface ReceivedMail {
  from: string;
  to: string[];
  /** Headers by lower-case name, unfolded; several of one name are a fault. */
  headers: Map<string, string>;
  text: string;
  /** What AUTH was given, decoded. */
  credentials: string;
}

/** A small SMTP server (RFC 5321) on loopback, for one recipient or several, that keeps what it is given. */
export class Mailbox {
  readonly received: ReceivedMail[] = [];
  /** What it says to RCPT by recipient, where that is not 250. */
  readonly refusals = new Map<string, string>();
  readonly #server: Server = createServer((socket) => this.#talk(socket));

  readonly open = async (): Promise<void> => {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  };

  readonly close = async (): Promise<void> => {
    await new Promise((resolve) => this.#server.close(resolve));
  };

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #talk(socket: Socket): void {
    let [rest, from, credentials] = ['', '', ''];
    let to: string[] = [];
    let content: string[] | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      if (content && line !== '.') return void content.push(line.replace(/^\.\./, '.'));
      if (content) {
        this.received.push({ from, to, credentials, ...mailOf(content) });
        content = undefined;
        return void say('250 kept');
      }
      const [, word = '', argument = ''] = /^(\w+)\s*(.*)$/.exec(line) ?? [];
      const address = /<([^>]*)>/.exec(argument)?.[1] ?? '';
      switch (word.toUpperCase()) {
        case 'EHLO':
          return void socket.write('250-mailbox\r\n250 AUTH PLAIN\r\n');
        case 'AUTH':
          credentials = Buffer.from(argument.split(' ')[1] ?? '', 'base64').toString();
          return void say('235 welcome');
        case 'MAIL':
          [from, to] = [address, []];
          return void say('250 ok');
        case 'RCPT': {
          const refusal = this.refusals.get(address);
          if (!refusal) to.push(address);
          return void say(refusal ?? '250 ok');
        }
        case 'DATA':
          content = [];
          return void say('354 go on');
        case 'QUIT':
          say('221 bye');
          return void socket.end();
        default:
          return void say('250 ok');
      }
    };
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
    say('220 mailbox');
  }
}

function mailOf(lines: readonly string[]): { headers: Map<string, string>; text: string } {
  const end = lines.indexOf('');
  const unfolded = lines
    .slice(0, end)
    .join('\r\n')
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n');
  const headers = new Map<string, string>();
  for (const line of unfolded) {
    const [name = '', ...value] = line.split(': ');
    if (headers.has(name.toLowerCase())) throw new Error(`Two headers ${name}`);
    headers.set(name.toLowerCase(), value.join(': '));
  }
  const body = lines.slice(end + 1).join('\n');
  const isQuoted = headers.get('content-transfer-encoding') === 'quoted-printable';
  return { headers, text: isQuoted ? unquoted(body) : body };
}

/** RFC 2045, 6.7. */
function unquoted(text: string): string {
  const bytes = text
    .replaceAll(/=\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
