import type { FloorProgram } from '../../../edges/http/contract/floor.ts';

/** What a scan led to. `other-revision`: the job is released, and the paper in the operator's hand is of another revision. */
export type Scanned =
  | { found: 'job'; job: FloorProgram; workOrder?: string }
  | { found: 'other-revision'; job: FloorProgram }
  | { found: 'nothing' };

const separators = /[|;,\t/\s]+/;

/**
 * Reads the code of a traveller: part, revision and operation in any order, with a work order beside them where it has
 * one, between bars, semicolons, commas, slashes or blanks. Labels such as `WO=` or `PN:` before a value are skipped.
 */
export function readTraveller(code: string, jobs: readonly FloorProgram[]): Scanned {
  const values = code
    .split(separators)
    .map((word) => word.replace(/^[A-Z]{1,4}[=:]/i, '').toUpperCase())
    .filter((word) => word !== '');
  const has = (value: string) => values.includes(value.toUpperCase());
  const ofPart = jobs.filter(({ part, operation }) => has(part) && (has(operation) || values.length === 1));
  const [job, ...others] = ofPart.filter(({ revision }) => has(revision) || values.length === 1);
  if (job && others.length === 0) return { found: 'job', job, ...workOrderOf(values, job) };
  const [other] = ofPart;
  return other && !job ? { found: 'other-revision', job: other } : { found: 'nothing' };
}

/** The one value that is nothing of the job. */
function workOrderOf(values: readonly string[], { part, revision, operation }: FloorProgram): { workOrder?: string } {
  const own = [part, revision, operation].map((value) => value.toUpperCase());
  const [workOrder, ...more] = values.filter((value) => !own.includes(value));
  return workOrder !== undefined && more.length === 0 ? { workOrder } : {};
}
