import { DomainError } from '../domain/errors.ts';
import { createFile } from '../platform/durable-file.ts';

/** Durable and readable by all. Nothing is overwritten: what somebody keeps under that name they keep on purpose. */
export function writeNew(path: string, content: string | Uint8Array): void {
  try {
    createFile(path, content, 0o644);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new DomainError('conflict', `${path} is there already.`, { field: 'out' });
    if (code === 'ENOENT' || code === 'EACCES') {
      throw new DomainError('request-invalid', `${path} cannot be written.`, { field: 'out', cause });
    }
    throw cause;
  }
}
