import { hash } from 'node:crypto';
import ssh2, { type SFTPWrapper } from 'ssh2';

/** A machine tool's side of SFTP: logs in with its own key, lists, pulls. It also checks who it talks to. */
export class MachineClient {
  readonly #client = new ssh2.Client();
  #sftp: SFTPWrapper | undefined;
  hostKey = '';

  async connect(at: { host: string; port: number }, machine: string, privateKey: string): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => this.#client.once('ready', resolve).once('error', reject));
    this.#client.connect({
      ...at,
      username: machine,
      privateKey,
      hostVerifier: (key: Buffer) => {
        this.hostKey = `SHA256:${hash('sha256', key, 'base64').replace(/=+$/, '')}`;
        return true;
      },
    });
    await ready;
    this.#sftp = await call<SFTPWrapper>((done) => this.#client.sftp(done));
  }

  async list(path: string): Promise<string[]> {
    const entries = await call<{ filename: string }[]>((done) => this.#session().readdir(path, done));
    return entries.map(({ filename }) => filename).sort();
  }

  /** The bytes, or the sentence with which the door refused. */
  async pull(path: string): Promise<Buffer | string> {
    try {
      return await call<Buffer>((done) => this.#session().readFile(path, done));
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
}

const call = <T>(start: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
