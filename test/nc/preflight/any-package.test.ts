import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProgramFacts } from '../../../src/domain/findings.ts';
import { dialects } from '../../../src/domain/nc.ts';
import { inspectPackage } from '../../../src/nc/preflight/inspect-package.ts';
import { hostileText } from '../../helpers/nc-programs.ts';

const names = {
  iso: 'A.NC',
  mazak: 'A.EIA',
  okuma: 'A.MIN',
  siemens: 'A.MPF',
  klartext: 'A.H',
  'heidenhain-iso': 'A.I',
  linuxcnc: 'A.NGC',
};

test.each(dialects)(
  'a package of %s is inspected and run whatever its bytes are, and what is said can be recorded',
  (dialect) => {
    fc.assert(
      fc.property(hostileText(dialect), hostileText(dialect), (main, sub) => {
        const { facts } = inspectPackage(
          [
            { name: names[dialect], role: 'main-program', bytes: main },
            { name: `B${names[dialect].slice(1)}`, role: 'subprogram', bytes: sub },
          ],
          { dialect },
        );
        for (const one of facts) expect(ProgramFacts.safeParse(one).error).toBeUndefined();
      }),
      { numRuns: 300, seed: 4471 },
    );
  },
);

test('a parameter whose name would drive a terminal is recorded without that', () => {
  const bytes = Buffer.from(
    'o<a\u001b[2J> sub\n#<b\u0007>=1\no<a\u001b[2J> endsub\nG0 X#<c\u001b]0;d>\nM2\n',
    'latin1',
  );
  const { facts } = inspectPackage([{ name: 'A.NGC', role: 'main-program', bytes }], { dialect: 'linuxcnc' });
  expect(facts.map((one) => ProgramFacts.safeParse(one).error)).toEqual([undefined]);
  expect(facts[0]?.details).toMatchObject({ programs: ['A?[2J'], variablesWritten: ['#<B?>'] });
});
