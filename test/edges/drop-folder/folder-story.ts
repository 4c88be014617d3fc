import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropFolder, type DropFolderOptions } from '../../../src/edges/drop-folder/drop-folder.ts';
import { FakeIntake } from '../../helpers/fake-intake.ts';

export const settleMs = 1_000;
export const orphanMs = 10_000;

export function sidecarText(files: readonly string[], more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    part: '4471',
    revision: 'C',
    operation: '20',
    machineGroup: '5AXIS',
    author: 'ME-2',
    changeOrder: 'CO 118',
    classification: { jurisdiction: 'EAR', eccn: '9E991' },
    files: files.map((name, at) => ({ name, role: at === 0 ? 'main-program' : 'subprogram' })),
    ...more,
  });
}

/** A folder on disk, a clock that the test turns, an intake in memory, and the watcher between them. */
export class FolderStory {
  readonly folder = fs.mkdtempSync(join(tmpdir(), 'keyway-drop-'));
  readonly intake = new FakeIntake();
  readonly logged: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  now = Date.parse('2026-03-01T06:30:00.000Z');
  drop: DropFolder;
  #random = 0;

  constructor() {
    this.drop = this.watcher();
  }

  /** A watcher that knows nothing of what came before: the gateway started again. */
  watcher(more: Partial<DropFolderOptions> = {}): DropFolder {
    const log = (level: string) => (fields: object, message: string) =>
      void this.logged.push({ level, message, fields: fields as Record<string, unknown> });
    this.drop = new DropFolder({
      folder: this.folder,
      intake: this.intake,
      clock: () => this.now,
      random: (size) => {
        const count = ++this.#random;
        return Uint8Array.from({ length: size }, (_, at) => (at < 5 ? (count >> (5 * at)) & 31 : 0));
      },
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      settleMs,
      orphanMs,
      ...more,
    });
    return this.drop;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(this.path(name), text, 'latin1');
  }

  /** The names that people see in the folder. */
  names(): string[] {
    return fs
      .readdirSync(this.folder)
      .filter((name) => name !== '.keyway')
      .sort();
  }

  text(name: string): string {
    return fs.readFileSync(this.path(name), 'latin1');
  }

  claims(): string[] {
    return fs.readdirSync(this.path('.keyway'));
  }

  /** Scans now and again each time that so many milliseconds have passed. */
  async scanAfter(...passing: number[]): Promise<void> {
    for (const ms of passing) {
      this.now += ms;
      await this.drop.scan();
    }
  }

  /** First seen, then settled. */
  async settle(): Promise<void> {
    await this.scanAfter(0, settleMs);
  }

  codes(at = -1): string[] {
    return (this.intake.taken.at(at)?.problems ?? []).map(({ code, field }) =>
      field === undefined ? code : `${code} ${field}`,
    );
  }

  end(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
