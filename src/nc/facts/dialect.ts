import type { Dialect } from '../../domain/nc.ts';
import type { MachineProfile } from '../profile/profile.ts';

/** `sure` where more than the file's name speaks for it. */
export type Detection = { dialect: Dialect; because: string[]; sure: boolean };
/** What the content of one line weighs. */
const weighty = 4;

/** So much of a program is looked at. */
export const looked = 64 * 1024;

type Sign = { dialect: Dialect; weight: number; pattern: RegExp; says: string };
const extension = (dialect: Dialect, pattern: RegExp, says: string): Sign => ({ dialect, weight: 3, pattern, says });
const first = (dialect: Dialect, pattern: RegExp, says: string): Sign => ({ dialect, weight: 10, pattern, says });
const inside = (dialect: Dialect, pattern: RegExp, says: string): Sign => ({
  dialect,
  weight: weighty,
  pattern,
  says,
});

/** What no other control would take. */
const telling = (dialect: Dialect, pattern: RegExp, says: string): Sign => ({ dialect, weight: 20, pattern, says });

const byExtension: readonly Sign[] = [
  extension('siemens', /\.(mpf|spf|arc)$/i, 'the file name ends like a Siemens one'),
  extension('klartext', /\.h$/i, 'the file name ends with .H'),
  extension('heidenhain-iso', /\.i$/i, 'the file name ends with .I'),
  extension('okuma', /\.(min|sub|ssb|lib)$/i, 'the file name ends like an Okuma one'),
  extension('mazak', /\.eia$/i, 'the file name ends with .EIA'),
  extension('linuxcnc', /\.ngc$/i, 'the file name ends with .NGC'),
];

const byFirstLine: readonly Sign[] = [
  first('klartext', /^\d*\s*BEGIN\s+PGM\b/i, 'it begins with BEGIN PGM'),
  first('heidenhain-iso', /^%\S+\s+G7[01]\b/i, 'it begins with % and a name and G70 or G71'),
  first('okuma', /^\$[^\s=%]+(%|\.(MIN|SUB|SSB|LIB))/i, 'it begins with $ and a name'),
  first('siemens', /^(%_N_|;?\s*\$PATH)/i, 'it begins with a Siemens header'),
  first(
    'iso',
    /^(%\s*)?(O\d{1,8}(?!\s*(sub|call|if|while|do|repeat)\b)|O<[^>]*>\s*($|\()|:\d)/im,
    'it begins with an O-number',
  ),
];

/** Each counts once, wherever it stands in the first lines. */
const byContent: readonly Sign[] = [
  inside(
    'klartext',
    /^\s*\d+\s+(TOOL CALL|CYCL DEF|L [XYZ][+-]|FN \d+:|BLK FORM|CALL LBL|LBL [1-9]|TRANS DATUM)/im,
    'it has Klartext blocks',
  ),
  inside('heidenhain-iso', /^N\d+ .*\*\s*$/im, 'its blocks end with *'),
  inside('heidenhain-iso', /^N\d+\s+D\d\d\s+Q\d/im, 'it has functions such as D00 Q1'),
  inside('siemens', /\b(CYCLE\d+|POCKET\d|MCALL|EXTCALL|MSG|HOLES\d)\b\s*\(?/i, 'it calls Siemens cycles'),
  inside(
    'siemens',
    /(\bR\d+\s*=|\$[PAT][A-Z]?_|=\s*(IC|AC|DC)\()/i,
    'it has R parameters or system variables of Siemens',
  ),
  inside(
    'siemens',
    /\b(GOTO[FB]|ENDIF|ENDWHILE|ENDFOR|DEF\s+(REAL|INT|STRING)|PROC\s|DIAMON|SUPA|TRAORI|CR\s*=)/i,
    'it has Siemens keywords',
  ),
  inside('siemens', /^\s*(N\d+\s*)?T\s*=\s*"/im, 'it calls tools by name'),
  inside(
    'siemens',
    /^\s*(N\d+\s*)?A?(TRANS|ROT|SCALE|MIRROR)\b(?!\s*(DATUM|MIRROR|ROTATION|SCALE|AXIS|RESET))/im,
    'it has frames of Siemens',
  ),
  inside('siemens', /^\s*(N\d+\s*)?[A-Z_]{2}\w*:(\s|$)/im, 'it has labels of Siemens'),
  inside('siemens', /\bREPEATB?\s+[A-Z_]{2}/i, 'it repeats parts by their labels'),
  inside(
    'siemens',
    /\b((RNDM?|CHR|CHF|OFFN|RPL|AP|RP|TURN|AR|LIMS|DISR|SPOSA?|ANG)\s*=|TRANSMIT\b|TRACYL\b|TRAFOOF\b|[ABC]SPLINE\b|CIP\b|STOPRE\b|G5(00|0[5-9])\b|G33[12]\b|G64[1-5]\b)/i,
    'it has words of Siemens',
  ),
  telling(
    'okuma',
    /\b(VC\d+\s*=|V[A-Z]{3,4}(\[\w+\])?\s*=|CALL\s+O|NOEX\b|NCYL\b|RTS\b|MODIN\b|NLAP\w|IF\s*\[[^\]\n]*\]\s*N[A-Z0-9])/i,
    'it has Okuma variables, calls or jumps',
  ),
  telling('okuma', /\bG1[56]\s*H\d/i, 'it chooses work offsets with G15 H'),
  inside(
    'linuxcnc',
    /^\s*(N\d+\s*)?O\s*(\d+|<[^>]*>|\[.*\])\s*(sub|endsub|call|if|elseif|while|do|repeat|return)\b/im,
    'it has O-words of LinuxCNC',
  ),
  inside('linuxcnc', /#<\s*[a-z_]/i, 'it has named parameters'),
  {
    ...inside(
      'iso',
      /(^|[^A-Z])(M98\s*P|G65\s*P|#\d+\s*=|WHILE\s*\[|IF\s*\[.*GOTO)/im,
      'it has macro B or calls of FANUC',
    ),
    weight: 2,
  },
];

/** What only a comment tells. */
const byComment: readonly Sign[] = [inside('mazak', /\bMAZA(K|TROL)\b/i, 'it names Mazak')];

/**
 * The dialect that a program's name and first 64 KiB speak for, with the reasons, for a person. Where nothing speaks
 * for another one it is ISO: whether that holds shows in the reading.
 */
export function detectDialect(name: string, bytes: Uint8Array): Detection {
  const head = Buffer.from(bytes.subarray(0, looked)).toString('latin1');
  const firstLine = head
    .trimStart()
    .split(/[\r\n]+/, 2)
    .join('\n')
    .replace(/^%\s*\n/, '');
  const content = withoutComments(withoutLongLines(head));
  const found = [
    ...byFirstLine.filter(({ pattern }) => pattern.test(firstLine)),
    ...byExtension.filter(({ pattern }) => pattern.test(name)),
    ...byContent.filter(({ pattern }) => pattern.test(content)),
    ...byComment.filter(({ pattern }) => pattern.test(head)),
  ];
  const score = new Map<Dialect, number>();
  for (const { dialect, weight } of found) score.set(dialect, (score.get(dialect) ?? 0) + weight);
  const [best] = [...score].sort(([, a], [, b]) => b - a);
  if (!best) return { dialect: 'iso', because: ['nothing speaks for another dialect'], sure: false };
  // Mazak's EIA begins like FANUC's programs do: what speaks for it is enough.
  if (best[0] === 'iso' && score.has('mazak')) best[0] = 'mazak';
  const because = found
    .filter(({ dialect }) => dialect === best[0] || (best[0] === 'mazak' && dialect === 'iso'))
    .map(({ says }) => says);
  return { dialect: best[0], because: [...new Set(because)], sure: best[1] >= weighty };
}

/** A pattern may look at a line many times, and over empty ones: lines that no person wrote are cut, empty ones left out. */
const withoutLongLines = (text: string): string =>
  text
    .split(/[\r\n]/)
    .map((line) => line.slice(0, 200).trimStart())
    .filter((line) => line !== '')
    .join('\n');

/** Comments talk of other controls too. Brackets stay, for in some dialects they hold arguments. */
const withoutComments = (text: string): string => text.replace(/\([^()\n]*\)/g, '()').replace(/;[^\n]*/g, '');

/** What is known of the language before the program is looked at. */
type Asked = { dialect?: Dialect | undefined; profile?: Pick<MachineProfile, 'name' | 'dialect'> | undefined };

/** The dialect that a program is read in. */
export const dialectFor = (name: string, bytes: Uint8Array, job: Asked): Pick<Detection, 'dialect' | 'because'> =>
  dialectIn(detectDialect(name, bytes), job);

/** The machine's dialect; the detected one where no profile is there. A TNC reads Klartext and DIN/ISO alike. */
export function dialectIn(detected: Detection, { dialect, profile }: Asked): Pick<Detection, 'dialect' | 'because'> {
  if (dialect) return { dialect, because: ['it was said'] };
  if (!profile) return detected;
  if (profile.dialect === 'klartext' && detected.dialect === 'heidenhain-iso') return detected;
  return { dialect: profile.dialect, because: [`the machine profile ${profile.name} says so`] };
}
