/** Verifies `LEDGER.db` against the keys of `KEYS.json` in a process of its own and prints what it took, as JSON. */
import { readFileSync } from 'node:fs';
import { verifyLedger } from '../../src/ledger/verify-parallel.ts';
import { parseVerifierKey } from '../../src/merkle/note.ts';

const [file = '', keys = ''] = process.argv.slice(2);
const { origin, ledgerKeys } = JSON.parse(readFileSync(keys, 'utf8')) as { origin: string; ledgerKeys: string[] };
const idle = process.memoryUsage().rss;
const started = performance.now();
const report = await verifyLedger(file, { origin, ledgerVerifiers: ledgerKeys.map((key) => parseVerifierKey(key)) });
const seconds = (performance.now() - started) / 1000;
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ entries: report.entries, problems: report.problems.length, seconds, idle, peak }));
