import type { ErrorCode } from '../../domain/errors.ts';
import type { Reason } from '../../domain/events.ts';
import type { DepositId } from '../../domain/ids.ts';
import { rfc3339 } from '../../platform/clock.ts';
import { readContent } from './content.ts';
import { type FilePath, type FileState, type FolderFiles, inFolder, sameContent } from './files.ts';
import type { Entry } from './observer.ts';

export type Rejection = {
  job: string;
  depositId: DepositId;
  timeMs: number;
  reasons: readonly Reason[];
  fingerprint: string;
};

const answersLine = /^Answers: (sha256:[0-9a-f]{64})\r?$/m;
const noteBytes = 64 * 1024;

const remedies: Partial<Record<ErrorCode, string>> = {
  'sidecar-missing': 'Put a sidecar beside the file that lists it.',
  'sidecar-invalid': 'Correct the sidecar.',
  'classification-missing': 'Have the job classified and write the classification into the sidecar.',
  'classification-conflict': 'Write the stricter label into the sidecar, or ask export compliance to have it lowered.',
  'file-missing': 'Put the file beside the sidecar, or take it off the list.',
  'file-empty': 'Post the program again and replace the empty file.',
  'file-not-regular': 'Replace it with a copy of the file itself, not a link or a folder.',
  'request-invalid': 'Give the file another name.',
  'digest-mismatch': 'Copy the file again, or correct its sha256 in the sidecar.',
  'author-unknown': 'Correct the author, or have the person enrolled.',
  'group-unknown': 'Correct the machine group, or have a machine registered in it.',
  'inspection-blocked': 'Correct the program at the line that is named.',
  'form-impossible': 'Change the program, or have the machine profile changed (delivery).',
  'shelf-name-taken': 'Give the program another name, in the folder and in the sidecar.',
  'revision-taken': 'Raise the revision in the sidecar.',
  'too-large': 'Split the file.',
  'policy-denied': 'Ask an administrator who may submit this job.',
};
const anyRemedy = 'Correct what is named, or ask an administrator, with the deposit id.';

/** The note beside a rejected job. CRLF: it is read on Windows. Its last line is for the gateway (see `Notes.answers`). */
export function noteText({ job, depositId, timeMs, reasons, fingerprint }: Rejection): string {
  const lines = [
    'Keyway did not take this deposit.',
    '',
    `Job:     ${job}`,
    `Deposit: ${depositId}`,
    `Time:    ${rfc3339(timeMs)}`,
    '',
  ];
  for (const [at, { code, field, message }] of reasons.entries()) {
    lines.push(`${at + 1}. ${code}${field === undefined ? '' : ` (${field})`}`);
    lines.push(`   ${message}`, `   What to do: ${remedies[code] ?? anyRemedy}`, '');
  }
  lines.push('The files are still here. Correct them in place: any change is taken up by itself.');
  lines.push('To ask again without a change, delete this note.', '', `Answers: ${fingerprint}`, '');
  return lines.join('\r\n');
}

/** The notes in the folder: they are the only memory of what was answered, so that a restart asks nothing twice. */
export class Notes {
  readonly #files: FolderFiles;
  readonly #folder: string;
  readonly #read = new Map<string, { state: FileState; fingerprint: string | undefined }>();

  constructor(files: FolderFiles, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /**
   * Whether the note answers a job as it now stands: until a file of the job changes or the note goes. Throws when the
   * note cannot be read now.
   */
  async answers(note: Entry | undefined, fingerprint: string): Promise<boolean> {
    if (note?.state.kind !== 'file' || note.state.size > noteBytes) return false;
    const known = this.#read.get(note.key);
    if (known && known.state.ctimeNs === note.state.ctimeNs && sameContent(known.state, note.state))
      return known.fingerprint === fingerprint;
    const text = await readContent(this.#files, inFolder(this.#folder, note.name), note.state);
    const answered = answersLine.exec(text.toString('utf8'))?.[1];
    this.#read.set(note.key, { state: note.state, fingerprint: answered });
    return answered === fingerprint;
  }

  /** Forgets the notes that are no longer there. */
  keepOnly(entries: ReadonlyMap<string, Entry>): void {
    for (const key of this.#read.keys()) if (!entries.has(key)) this.#read.delete(key);
  }

  /**
   * Puts a note in its place, whole or not at all. It is made in `claim`, our own folder, and renamed: a link which
   * someone put at its name is replaced and never written through.
   */
  async write(claim: string, note: string, rejection: Rejection): Promise<void> {
    const made = `${claim}/.note`;
    const place: FilePath = inFolder(this.#folder, note);
    await this.#files.write(made, noteText(rejection), 0o644);
    await this.#files.move(made, place);
    await this.#files.sync(this.#folder);
  }
}
