import { z } from 'zod';

/**
 * By which door bytes go to a machine or come back from it: it comes by itself (`sftp`, `ftps`, `ftp`), they are put where it
 * looks (`folder`, `sftp-push`, `ftps-push`, `ftp-push`), sent down a line (`serial`) or carried (`media`).
 */
export const DoorChannel = z.enum([
  'sftp',
  'ftps',
  'ftp',
  'folder',
  'sftp-push',
  'ftps-push',
  'ftp-push',
  'serial',
  'media',
]);
export type DoorChannel = z.infer<typeof DoorChannel>;

const encrypted: readonly DoorChannel[] = ['sftp', 'ftps', 'sftp-push', 'ftps-push'];
/** What is not encrypted stands under rules of its own (NIST SP 800-171r2 3.13.8). */
export const isEncrypted = (channel: DoorChannel): boolean => encrypted.includes(channel);
