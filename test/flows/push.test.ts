import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeAgent, probe, said, streams } from '../helpers/fake-agent.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';

const program = simpleProgram(1001);
let floor: Floor;
let folder: string;
const agent = new FakeAgent();
const there = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('a machine that looks into a folder', () => {
  beforeAll(async () => {
    floor = await Floor.open('push: { folders: [share] }\nmonitors: {}\n');
    agent.probe = probe('Mazak');
    agent.current = streams(said('Program', 'O1001', 1), 2, 'Mazak');
    const monitor = ['--monitor', await agent.listen(), '--monitor-device', 'Mazak'];
    folder = join(floor.stage.folder, 'share', 'mazak');
    mkdirSync(folder, { recursive: true });
    await floor.crew();
    const place = ['--group', 'HAAS-VF', '--cell', 'C9', '--country', 'US', '--jurisdiction', 'none'];
    const link = ['--channel', 'push', '--push-to', folder, '--push-on-release'];
    await floor.done('machine', 'add', 'MAZAK-1', ...link, ...monitor, ...place);
    floor.drop('ONE.keyway.json', floor.sidecar('ONE', 'O1001.NC'), { 'O1001.NC': program });
    await floor.release(await floor.admitted('ONE'));
  });
  afterAll(async () => {
    await agent.close();
    await floor.close();
  });

  const delivered = (count: number) =>
    until(`${count} deliveries`, async () => {
      const { entries } = (await floor.done('ledger', 'tail', '--count', '200')).out as { entries: { type: string }[] };
      return entries.filter(({ type }) => type === 'delivery.completed').length >= count ? true : undefined;
    });

  it('finds what was released there without anybody asking, whole and alone', async () => {
    await delivered(1);
    expect(readdirSync(folder)).toEqual(['O1001.NC']);
    expect(there('O1001.NC')).toBe(program);
  });

  it('says that it runs it, and that is shown beside what was delivered', async () => {
    const monitors = await until('what its agent says', async () => {
      const { out } = await floor.done('monitors');
      return (out as { state: string }[]).some(({ state }) => state === 'as-delivered') ? out : undefined;
    });
    expect(monitors).toMatchObject([{ machineId: 'MAZAK-1', program: 'O1001', state: 'as-delivered' }]);
  });

  it('has the next revision in the place of the one before', async () => {
    const next = program.replace('F10', 'F12').concat('');
    floor.drop('TWO.keyway.json', floor.sidecar('ONE', 'O1001.NC', { revision: 'B' }), {
      'O1001.NC': next.replace('M30', '(REV B)\nM30'),
    });
    await floor.release(await floor.admitted('TWO'));
    await delivered(2);
    expect(there('O1001.NC')).toContain('(REV B)');
  });

  it('keeps what somebody changed in the folder, and an alarm says that nothing was delivered', async () => {
    writeFileSync(join(folder, 'O1001.NC'), '%\nO1001\n(EDITED)\nM30\n%\n');
    const refused = await floor.refused('send', 'MAZAK-1', 'O1001.NC');
    expect(refused).toMatchObject({ code: 'not-delivered' });
    expect(there('O1001.NC')).toContain('(EDITED)');
    const { out } = await floor.done('alarms');
    expect(out).toContainEqual(expect.objectContaining({ code: 'not-delivered' }));
    expect(JSON.stringify(out)).not.toContain('O1001');
  });
});
