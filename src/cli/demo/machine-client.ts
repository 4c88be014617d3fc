import { hash } from 'node:crypto';
import ssh2, { type SFTPWrapper } from 'ssh2';

/** A machine tool's side of SFTP: logs in with its own key, lists, pulls. It also checks who it talks to. */
export class MachineClient {
  readonly #client = new ssh2.Client();
  #sftp: SFTPWrapper | undefined;
  hostKey = '';
  /** ssh2 leaves the callbacks of a lost connection uncalled. */
  readonly #lost = new Promise<never>((_, reject) => {
    this.#client.on('error', reject).on('close', () => reject(new Error('the connection was lost')));
  });

  constructor() {
    // A connection that nobody waits on may be lost without a word.
    this.#lost.catch(() => {});
  }

  async connect(at: { host: string; port: number }, machine: string, privateKey: string): Promise<void> {
    const ready = new Promise<void>((resolve) => this.#client.once('ready', resolve));
    this.#client.connect({
      ...at,
      username: machine,
      privateKey,
      hostVerifier: (key: Buffer) => {
        this.hostKey = `SHA256:${hash('sha256', key, 'base64').replace(/=+$/, '')}`;
        return true;
      },
    });
    await Promise.race([ready, this.#lost]);
    this.#sftp = await this.#call<SFTPWrapper>((done) => this.#client.sftp(done));
  }

  async list(path: string): Promise<string[]> {
    const entries = await this.#call<{ filename: string }[]>((done) => this.#session().readdir(path, done));
    return entries.map(({ filename }) => filename).sort();
  }

  /** The bytes, or the sentence with which the door refused. */
  async pull(path: string): Promise<Buffer | string> {
    try {
      return await this.#call<Buffer>((done) => this.#session().readFile(path, done));
    } catch (error) {
      return (error as Error).message;
    }
  }

  close(): void {
    this.#client.end();
  }

  #session(): SFTPWrapper {
    if (!this.#sftp) throw new Error('not connected');
    return this.#sftp;
  }

  #call<T>(start: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
    const done = new Promise<T>((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
    return Promise.race([done, this.#lost]);
  }
}
