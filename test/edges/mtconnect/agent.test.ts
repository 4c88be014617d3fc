import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MachineId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { MonitorReport, Observation } from '../../../src/domain/monitoring.ts';
import { nothingSaid } from '../../../src/domain/monitoring.ts';
import { following, readStreams, requireDevice } from '../../../src/edges/mtconnect/document.ts';
import { Monitors } from '../../../src/edges/mtconnect/monitors.ts';
import { boundaryOf, parts } from '../../../src/edges/mtconnect/multipart.ts';
import { FakeAgent, probe, said, streams } from '../../helpers/fake-agent.ts';
import { until } from '../../helpers/floor.ts';

const machine = 'HURCO-4' as MachineId;

describe('what an agent sends', () => {
  const read = (events: string) => following(nothingSaid, readStreams(streams(events, 9), 'Hurco04'));

  test('says what runs, what is edited and how, the newest of each by its sequence', () => {
    const events = [
      said('Program', 'O2.NC', 8),
      said('Program', 'O1.NC', 3),
      said('ProgramEditName', 'O3.NC', 4),
      said('ProgramComment', '(BRKT &amp; &lt;A&gt;)', 5),
      said('Execution', 'ACTIVE', 6),
      said('Line', 'N10', 7),
    ];
    expect(read(events.join(''))).toEqual({
      ...{ program: 'O2.NC', edited: 'O3.NC', comment: '(BRKT & <A>)', execution: 'ACTIVE' },
    });
  });

  test('is known by the name of its device or its uuid, and says nothing of others', () => {
    expect(readStreams(streams('', 2), 'u-Hurco04').nextSequence).toBe(2);
    expect(() => readStreams(streams('', 2), 'Hurco05')).toThrow(/no(thing)? .*Hurco05/);
  });

  test('may say that it does not know', () => {
    expect(read(said('Program', 'UNAVAILABLE', 1)).program).toBeNull();
    expect(read(said('Program', '', 1)).program).toBeNull();
  });

  test.each([
    ['an entity of its own', streams('', 2).replace('?>', '?><!DOCTYPE x [<!ENTITY a "b">]>')],
    ['no XML', '<MTConnectStreams><Streams></MTConnectStreams>'],
    ['something else', '<html></html>'],
    ['an error document', '<MTConnectError><Errors/></MTConnectError>'],
    ['nothing', ''],
    ['a thousand levels', `<MTConnectStreams>${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}</MTConnectStreams>`],
  ])('is not read where it is %s', (_what, text) => {
    expect(() => readStreams(text, 'Hurco04')).toThrow(/MTConnect/);
  });

  test('must name the device, and that it can say what it runs', () => {
    expect(() => requireDevice(probe(), 'Hurco04')).not.toThrow();
    expect(() => requireDevice(probe('Other'), 'Hurco04')).toThrow(/no device/);
    expect(() => requireDevice(probe().replace('PROGRAM', 'LINE'), 'Hurco04')).toThrow(/does not say what/);
  });
});

describe('a stream', () => {
  const from = async (...pieces: (string | Buffer)[]) => {
    const source = async function* () {
      for (const piece of pieces) yield Buffer.from(piece);
    };
    const got: string[] = [];
    for await (const text of parts(source(), 'b')) got.push(text);
    return got;
  };

  test('is cut by its lengths, or by its boundaries, wherever the network cuts it', async () => {
    const bytes = '--b\r\nContent-length: 3\r\n\r\nabc\r\n--b\r\n\r\ndefg\r\n--b\r\n';
    for (let at = 1; at < bytes.length; at++)
      expect(await from(bytes.slice(0, at), bytes.slice(at))).toEqual(['abc', 'defg']);
  });

  test('with a document too large, or of a length that lies, is given up', async () => {
    await expect(
      from('--b\r\nContent-length: 9999999999\r\n\r\n', Buffer.alloc(limits.monitorDocumentBytes + 1)),
    ).rejects.toThrow(/more than/);
  });

  test.each([
    ['multipart/x-mixed-replace; boundary=abc', 'abc'],
    ['multipart/x-mixed-replace;boundary="a b"', 'a b'],
    ['text/xml', undefined],
    ['multipart/x-mixed-replace', undefined],
  ])('has its boundary from %s', (type, boundary) => expect(boundaryOf(type)).toBe(boundary));
});

describe('an agent that is listened to', () => {
  let agent: FakeAgent;
  let monitors: Monitors;
  let reports: MonitorReport[];
  let url: string;
  let now: number;
  beforeEach(async () => {
    agent = new FakeAgent();
    url = await agent.listen();
    reports = [];
    now = 0;
    const bounds = { answerMs: 2_000, retryMs: 5, retryMaxMs: 20 };
    monitors = new Monitors(
      (report) => void reports.push(report),
      bounds,
      () => now,
    );
  });
  afterEach(async () => {
    await monitors.close();
    await agent.close();
  });
  const last = (what: (observation: Observation) => boolean) =>
    until('it to be heard', async () => {
      const report = reports.at(-1);
      return report?.kind === 'heard' && what(report.observation) ? report.observation : undefined;
    });
  const away = () => until('it to be missed', async () => reports.find((report) => report.kind === 'away'));
  const listen = (device = 'Hurco04') => monitors.set([{ machine, link: { url, device } }]);

  test('says what is so now, and then what changes', async () => {
    await listen();
    expect(await last(({ program }) => program === 'O4471.NC')).toMatchObject({ execution: 'ACTIVE', edited: null });
    await until('its stream', async () => agent.isStreaming || undefined);
    expect(agent.asked.at(-1)).toMatch(/^sample\?from=7&interval=\d+&heartbeat=\d+&count=\d+$/);
    agent.say(streams(said('Program', 'O9999.NC', 7), 8), 7);
    expect(await last(({ program }) => program === 'O9999.NC')).toMatchObject({ execution: 'ACTIVE' });
  });

  test('that repeats itself is heard now and then', async () => {
    await listen();
    await until('its stream', async () => agent.isStreaming || undefined);
    for (const next of [8, 9]) agent.say(streams('', next));
    agent.say(streams(said('Execution', 'READY', 9), 10));
    await last(({ execution }) => execution === 'READY');
    expect(reports).toHaveLength(2);
    now += limits.monitorRepeatMs;
    agent.say(streams('', 11));
    await until('it to be heard again', async () => reports[2]);
  });

  test('is asked again from the beginning when its stream breaks or it was started anew', async () => {
    await listen();
    await until('its stream', async () => agent.isStreaming || undefined);
    agent.current = streams(said('Program', 'O2.NC', 1), 2);
    agent.endStream();
    await last(({ program }) => program === 'O2.NC');
    await until('its stream', async () => agent.isStreaming || undefined);
    agent.current = streams(said('Program', 'O3.NC', 1), 2);
    agent.say(streams('', 5).replace('instanceId="7"', 'instanceId="8"'));
    await last(({ program }) => program === 'O3.NC');
  });

  test('that answers with an error or a redirection is away, and is followed nowhere', async () => {
    agent.status = 302;
    await listen();
    expect(await away()).toMatchObject({ machine, reason: 'The agent answered 302.' });
    expect(reports.some(({ kind }) => kind === 'heard')).toBe(false);
  });

  test('without the device is away, with the reason', async () => {
    await listen('Hurco05');
    expect(await away()).toMatchObject({ reason: 'The agent has no device Hurco05.' });
  });

  test('that is not there any more is not listened to', async () => {
    await listen();
    await last(({ program }) => program === 'O4471.NC');
    await monitors.set([]);
    const before = agent.asked.length;
    agent.endStream();
    expect(agent.asked).toHaveLength(before);
  });
});
