import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** An FTP server that lies as a test says: it keeps what it is sent in memory. */
export class FakeFtpServer {
  readonly commands: string[] = [];
  readonly files = new Map<string, Buffer>();
  /** What it lists beside its files. */
  listed: string[] = [];
  /** Where PASV says that data is to be sent to. */
  pasvHost = '127,0,0,1';
  /** Its answer after an upload. */
  stored = '226 Kept.';
  readonly #server = createServer((socket) => void this.#serve(socket).catch(() => {}));
  readonly #sockets = new Set<Socket>();

  async listen(): Promise<number> {
    return portOf(this.#server);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket.on('error', () => {}));
    const say = (text: string) => void socket.write(`${text}\r\n`);
    let data: { server: Server; socket: Promise<Socket> } | undefined;
    let from = '';
    say('220 Ready.');
    let rest = '';
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      rest += bytes.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        this.commands.push(line);
        const [word = '', ...more] = line.split(' ');
        const name = more.join(' ');
        if (word === 'PASV') {
          const server = createServer();
          const port = await portOf(server);
          data = { server, socket: once(server, 'connection').then(([one]) => one as Socket) };
          say(`227 Entering Passive Mode (${this.pasvHost},${port >> 8},${port & 255}).`);
        } else if (word === 'LIST' || word === 'RETR' || word === 'STOR') {
          say('150 Go on.');
          const one = await data?.socket;
          if (word === 'STOR' && one) this.files.set(name, await all(one));
          else one?.end(word === 'LIST' ? this.#list() : (this.files.get(name) ?? ''));
          data?.server.close();
          say(word === 'STOR' ? this.stored : '226 Done.');
        } else if (word === 'RNFR') {
          from = name;
          say('350 And now?');
        } else if (word === 'RNTO') {
          this.files.set(name, this.files.get(from) ?? Buffer.alloc(0));
          this.files.delete(from);
          say('250 Done.');
        } else if (word === 'DELE') {
          say(this.files.delete(name) ? '250 Done.' : '550 No such file.');
        } else say(answers[word] ?? '502 Not known here.');
      }
    }
  }

  #list(): string {
    const file = (name: string, size: number) => `-rw-r--r-- 1 cnc cnc ${size} Jan 15 12:00 ${name}\r\n`;
    const kept = [...this.files].map(([name, { length }]) => file(name, length));
    return [...kept, ...this.listed.map((name) => file(name, 5))].join('');
  }
}

const answers: Record<string, string> = {
  ...{ USER: '331 And the password?', PASS: '230 Come in.', TYPE: '200 Done.', STRU: '200 Done.', CWD: '250 Done.' },
  ...{ OPTS: '200 Done.', QUIT: '221 Bye.' },
};

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
