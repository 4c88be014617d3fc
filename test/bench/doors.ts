import { measureCrowd } from '../helpers/bench-crowd.ts';
import { measureListing } from '../helpers/bench-listing.ts';
import type { BenchResult } from './figures.ts';
import { run as measureFtp } from './ftp.ts';
import { run as measureSftp } from './sftp.ts';

/** Both doors that machines come to, beside the servers that others use; `sftp` and `ftp` are parts of it. */
export async function run(): Promise<BenchResult> {
  const parts: BenchResult[] = [];
  for (const part of [measureSftp, measureFtp, measureListing, measureCrowd]) parts.push(await part());
  const notes = parts.flatMap((part) => part.notes ?? []);
  return { figures: parts.flatMap(({ figures }) => figures), notes: [...new Set(notes)] };
}
