import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Digest, digestHex } from '../../src/domain/digest.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { Shelves } from '../../src/domain/shelf.ts';
import { doorProcedures } from '../../src/door/door-protocol.ts';
import { serveDoor } from '../../src/door/remote-shelf.ts';
import { defaultBounds } from '../../src/edges/sftp/bounds.ts';
import { DoorSettings } from '../../src/edges/sftp/door-settings.ts';
import { superviseChild } from '../../src/platform/child-process.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { type Caller, makeCaller } from '../../src/platform/rpc.ts';
import { FakeReturns } from './fake-returns.ts';

export const doorEntry = fileURLToPath(new URL('../../src/edges/sftp/door.ts', import.meta.url));

/** A folder laid out as the vault, in a temporary place. */
export class TestVault {
  readonly folder = mkdtempSync(join(tmpdir(), 'keyway-sftp-'));

  path(digest: Digest): string {
    const hex = digestHex(digest);
    return join(this.folder, 'blobs', hex.slice(0, 2), hex);
  }

  put(bytes: Buffer): Digest {
    const digest = digestOf(bytes);
    mkdirSync(dirname(this.path(digest)), { recursive: true });
    writeFileSync(this.path(digest), bytes);
    return digest;
  }

  /** Takes in a file that is there already. */
  link(file: string, digest: Digest): void {
    mkdirSync(dirname(this.path(digest)), { recursive: true });
    linkSync(file, this.path(digest));
  }

  /** Writes any small file beside the blobs, such as a key, and gives its path. */
  file(name: string, content: string): string {
    writeFileSync(join(this.folder, name), content, { mode: 0o600 });
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const procedures = doorProcedures(DoorSettings);

export type DoorProcess = {
  call: Caller<typeof procedures>;
  pid: number;
  /** Why it ended, once it has. */
  ended: Promise<string>;
  /** SIGTERM, then waits. */
  stop(): Promise<void>;
};

/** The real door process over real IPC; `shelves` stands in this process for the core. Its log goes to our stderr. */
export async function startDoorProcess(shelves: Shelves, onError: (error: unknown) => void): Promise<DoorProcess> {
  const ended = Promise.withResolvers<string>();
  return new Promise((resolve) => {
    const child = superviseChild({
      name: 'sftp',
      command: [process.execPath, doorEntry],
      environment: { PATH: process.env.PATH, KEYWAY_LOG_LEVEL: 'error' },
      onStart(channel, pid) {
        serveDoor(channel, { shelves, returns: new FakeReturns() }, onError);
        const call = makeCaller(channel, procedures, {
          timeoutMs: 20_000,
          unavailable: () => new DomainError('busy', 'The door process ended.'),
        });
        // Not before superviseChild has returned.
        setImmediate(() => resolve({ call, pid, ended: ended.promise, stop: () => child.stop() }));
      },
      onExit: ended.resolve,
    });
  });
}

export const doorSettings = (vault: TestVault, hostKeyFile: string, port = 0): DoorSettings => ({
  host: '127.0.0.1',
  port,
  shared: false,
  hostKeyFiles: [hostKeyFile],
  vaultFolder: vault.folder,
  ident: 'Keyway',
  bounds: defaultBounds,
});
