import type { Control } from './control.ts';
import { HeidenhainIsoMachine } from './heidenhain-iso-machine.ts';
import { IsoMachine } from './iso-machine.ts';
import { KlartextMachine } from './klartext-machine.ts';
import { LinuxcncMachine } from './linuxcnc-machine.ts';
import { Notes, type PathNote } from './notes.ts';
import { OkumaMachine } from './okuma-machine.ts';
import { type PathOptions, type ProgramFile, usualOptions } from './options.ts';
import { Run } from './run.ts';
import type { PathEnd } from './run-end.ts';
import { SiemensMachine } from './siemens-machine.ts';
import { SegmentLimit, type Toolpath } from './toolpath.ts';

export type PathResult = {
  path: Toolpath;
  end: PathEnd;
  /** What the path does not show. */
  notes: readonly PathNote[];
};

/** The path of a program. Ends within `limits.ncPathSteps` and `limits.ncPathSegments`, and throws nothing, whatever the bytes are. */
export function pathOf(program: ProgramFile, choice: Partial<PathOptions> = {}): PathResult {
  const options = { ...usualOptions, ...choice };
  const notes = new Notes();
  const control = controlOf(options, notes);
  const end = runUntilLimit(new Run(options, control, notes), program, notes);
  control.mover.leaveSharp();
  return { path: control.mover.path.finish(), end, notes: notes.list };
}

function runUntilLimit(run: Run, program: ProgramFile, notes: Notes): PathEnd {
  try {
    return run.run(program.name, program.bytes);
  } catch (error) {
    if (!(error instanceof SegmentLimit)) throw error;
    notes.add('limit', 'segments', 'The path has more segments than are kept: it ends here.');
    return 'segment-limit';
  }
}

function controlOf(options: PathOptions, notes: Notes): Control {
  switch (options.dialect) {
    case 'klartext':
      return new KlartextMachine(options, notes);
    case 'siemens':
      return new SiemensMachine(options, notes);
    case 'heidenhain-iso':
      return new HeidenhainIsoMachine(options, notes);
    case 'okuma':
      return new OkumaMachine(options, notes);
    case 'linuxcnc':
      return new LinuxcncMachine(options, notes);
    default:
      return new IsoMachine(options, notes);
  }
}
