import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { breaches, readSources, rooms } from './helpers/floor-plan.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

describe('the floor plan', () => {
  it('is kept by every file under src', () => {
    const files = readSources(project, 'src');
    expect(files.length).toBeGreaterThan(20);
    expect(breaches(files)).toEqual([]);
  });

  it('names every folder of src', () => {
    const found = new Set(readSources(project, 'src').map(({ path }) => path.split('/').slice(0, 2).join('/')));
    const planned: readonly string[] = [...rooms, 'src/web'];
    expect([...found].filter((room) => !planned.includes(room))).toEqual([]);
  });
});

describe('a breach of the floor plan is found', () => {
  const from = (path: string, ...lines: string[]) => breaches([{ path, text: `${lines.join('\n')}\n` }]);

  it.each([
    ['an import upwards', 'src/vault/a.ts', `import { b } from '../services/b.ts';`, 'imports go down'],
    ['a type imported upwards', 'src/vault/a.ts', `import type { B } from '../ledger/b.ts';`, 'imports go down'],
    [
      'an import over many lines',
      'src/vault/a.ts',
      `import {\n  b,\n  c,\n} from '../ledger/b.ts';`,
      'imports go down',
    ],
    ['a side effect', 'src/vault/a.ts', `import '../ledger/b.ts';`, 'imports go down'],
    ['a passed-on export', 'src/vault/a.ts', `export { b } from '../ledger/b.ts';`, 'imports go down'],
    ['a dynamic import', 'src/vault/a.ts', `const b = await import('../ledger/b.ts');`, 'imports go down'],
    ['a type by import()', 'src/vault/a.ts', `let b: import('../ledger/b.ts').B;`, 'imports go down'],
    ['a computed import', 'src/vault/a.ts', 'await import(name);', 'must stand in the text'],
    ['one door that knows another', 'src/edges/http/a.ts', `import { b } from '../sftp/b.ts';`, 'doors do not know'],
    ['wiring outside the root', 'src/services/a.ts', `import { b } from '../edges/sftp/b.ts';`, 'imports go down'],
    ['a root that needs a command', 'src/gateway.ts', `import { b } from './cli/b.ts';`, 'imports go down'],
    ['a domain with a library', 'src/domain/a.ts', `import pino from 'pino';`, 'may use only zod'],
    ['a domain with the system', 'src/domain/a.ts', `import { hash } from 'node:crypto';`, 'may use only zod'],
    [
      'a tree that reads files',
      'src/merkle/a.ts',
      `import { readFileSync } from 'node:fs';`,
      'may use only node:crypto',
    ],
    ['a tree that knows the domain', 'src/merkle/a.ts', `import { b } from '../domain/b.ts';`, 'may reach only itself'],
    ['a dialect that knows storage', 'src/nc/a.ts', `import { b } from '../platform/b.ts';`, 'may reach only itself'],
    [
      'a screen that knows a service',
      'src/web/a.tsx',
      `import { b } from '../services/b.ts';`,
      'may reach only itself',
    ],
    [
      'a room that knows the screens',
      'src/cli/a.ts',
      `import { b } from '../web/b.ts';`,
      'nothing imports the screens',
    ],
    ['forge under src', 'src/signing/a.ts', `import forge from 'node-forge';`, 'nothing under src may'],
    [
      'certificates made by a room',
      'src/signing/a.ts',
      `import { b } from '../../certs-dev/b.ts';`,
      'only src/cli may',
    ],
    ['a test inside the product', 'src/cli/a.ts', `import { b } from '../../test/b.ts';`, 'src stands without it'],
    ['policy read by a door', 'src/edges/http/a.ts', `import { b } from '../../policy/decide.ts';`, 'only src/policy'],
    ['policy asked by a door', 'src/edges/http/a.ts', 'this.#policy.decide(action, who);', 'calls policy.decide'],
    ['an event from a door', 'src/edges/http/a.ts', 'await this.#ledger.commit(() => events);', 'calls ledger.commit'],
    ['a room nobody planned', 'src/utils/a.ts', '', 'stands in no room'],
    ['a name in another case', 'src/domain/someName.ts', '', 'not kebab-case'],
    ['a file that grew', 'src/domain/a.ts', '\n'.repeat(350), '351 lines, at most 350'],
  ])('%s', (_what, path, text, why) => {
    expect(from(path, text)).toEqual([expect.stringContaining(why)]);
  });

  it('files that import one another in a circle', () => {
    const found = breaches([
      { path: 'src/vault/a.ts', text: `import { b } from './b.ts';` },
      { path: 'src/vault/b.ts', text: `import type { C } from './c.ts';` },
      { path: 'src/vault/c.ts', text: `import { a } from './a.ts';` },
    ]);
    expect(found).toEqual(['circle: src/vault/a.ts -> src/vault/b.ts -> src/vault/c.ts -> src/vault/a.ts']);
  });
});

it('imports that go down, and comments that talk of others, are no breach of the floor plan', () => {
  const text = [
    `import { hash } from 'node:crypto';`,
    `import { z } from 'zod';`,
    `import { a } from '../domain/a.ts';`,
    `import { b } from './b.ts';`,
    `/** Like \`import { c } from '../edges/http/c.ts';\`, but not. */`,
    `// ledger.commit( is what the gateway calls, see policy.decide(`,
    `const address = 'https://example.com/import';`,
    '',
  ].join('\n');
  expect(breaches([{ path: 'src/services/x.ts', text: text.replace('// ledger', '  // ledger') }])).toEqual([]);
  expect(breaches([{ path: 'src/vault/x.ts', text }])).toEqual([]);
  expect(breaches([{ path: 'src/cli/init.ts', text: `import { m } from '../../certs-dev/generate.ts';\n` }])).toEqual(
    [],
  );
  expect(breaches([{ path: 'src/cli/serve.ts', text: `import { start } from '../gateway.ts';\n` }])).toEqual([]);
  expect(breaches([{ path: 'src/web/x.tsx', text: `import { C } from '../edges/http/contract/c.ts';\n` }])).toEqual([]);
});
