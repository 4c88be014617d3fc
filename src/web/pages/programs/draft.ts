import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import type { Sidecar } from '../../queries/deposits.ts';
import { depositFormWords } from '../../words/programs.ts';

export type FileRole = Exclude<PackagePage['manifest']['files'][number]['role'], 'to-control'>;
export type DraftFile = { file: File; role: FileRole };
/** What the programmer says, as typed. */
export type Draft = {
  part: string;
  revision: string;
  operation: string;
  machineGroup: string;
  changeOrder: string;
  due: string;
  jurisdiction: '' | 'ITAR' | 'EAR' | 'none';
  usmlCategory: string;
  eccn: string;
  cuiMarkings: string;
  distribution: string;
};

export const emptyDraft: Draft = {
  ...{ part: '', revision: '', operation: '', machineGroup: '', changeOrder: '', due: '' },
  ...{ jurisdiction: '', usmlCategory: '', eccn: '', cuiMarkings: '', distribution: '' },
};

export const isSidecar = ({ name }: File): boolean => /\.keyway\.(yaml|yml|json)$/i.test(name);

const roleByEnding: Readonly<Record<string, FileRole>> = {
  ...{ nc: 'main-program', mpf: 'main-program', h: 'main-program', min: 'main-program', eia: 'main-program' },
  ...{ tap: 'main-program', cnc: 'main-program', spf: 'subprogram', sub: 'subprogram' },
  ...{ pdf: 'setup-sheet', txt: 'setup-sheet', csv: 'tool-list', dxf: 'drawing', stp: 'drawing', step: 'drawing' },
};

/** A first guess, for people to set right: there is one main program, the first. */
export function guessRoles(files: readonly File[]): DraftFile[] {
  let hasMain = false;
  return files.map((file) => {
    const ending = file.name.toLowerCase().split('.').at(-1) ?? '';
    const guessed = roleByName(file.name) ?? roleByEnding[ending] ?? 'other';
    const role = guessed === 'main-program' && hasMain ? 'subprogram' : guessed;
    hasMain ||= role === 'main-program';
    return { file, role };
  });
}

const roleByName = (name: string): FileRole | undefined =>
  /(^|[-_. ])(wi|instruction)([-_. ]|$)/i.test(name)
    ? 'work-instruction'
    : /tool/i.test(name)
      ? 'tool-list'
      : /setup/i.test(name)
        ? 'setup-sheet'
        : undefined;

/** In words what has to be said before it can be sent. */
export function missingIn(draft: Draft, files: readonly DraftFile[]): string[] {
  const { needs } = depositFormWords;
  const isEmpty = (name: keyof Draft) => draft[name].trim() === '';
  const fields = (['part', 'revision', 'operation', 'machineGroup', 'changeOrder', 'jurisdiction'] as const).filter(
    isEmpty,
  );
  const label = draft.jurisdiction === 'ITAR' ? 'usmlCategory' : draft.jurisdiction === 'EAR' ? 'eccn' : undefined;
  return [
    ...(files.length === 0 ? [needs.files] : []),
    ...fields.map((name) => needs[name]),
    ...(label && isEmpty(label) ? [needs[label]] : []),
    ...(files.length > 0 && files.filter(({ role }) => role === 'main-program').length !== 1 ? [needs.main] : []),
  ];
}

/** What was typed in the form that a file beside the programs would have, each file held to its SHA-256. */
export async function sidecarOf(draft: Draft, files: readonly DraftFile[], author: string): Promise<Sidecar> {
  const { part, revision, operation, machineGroup, changeOrder, due } = draft;
  const said = {
    ...{ part: part.trim(), revision: revision.trim(), operation: operation.trim() },
    ...{ machineGroup: machineGroup.trim(), author, changeOrder: changeOrder.trim() },
    ...(due === '' ? {} : { due }),
    classification: classificationOf(draft),
    files: await Promise.all(
      files.map(async ({ file, role }) => ({ name: file.name, role, sha256: await sha256Of(file) })),
    ),
  };
  const name = `${[part, revision, operation].map((word) => word.trim()).join('-')}.keyway.json`;
  return { fileName: name, bytes: new TextEncoder().encode(JSON.stringify(said, null, 2)) };
}

function classificationOf({ jurisdiction, usmlCategory, eccn, cuiMarkings, distribution }: Draft) {
  const markings = cuiMarkings.split(',').flatMap((text) => (text.trim() === '' ? [] : [text.trim()]));
  return {
    jurisdiction,
    ...(jurisdiction === 'ITAR' ? { usmlCategory: usmlCategory.trim() } : {}),
    ...(jurisdiction === 'EAR' ? { eccn: eccn.trim() } : {}),
    ...(markings.length > 0 ? { cuiMarkings: markings } : {}),
    ...(distribution === '' ? {} : { distribution }),
  };
}

async function sha256Of(file: File): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
