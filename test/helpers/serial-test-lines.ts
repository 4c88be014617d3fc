import { pino } from 'pino';
import type { MachineId, SendingId } from '../../src/domain/ids.ts';
import type { SerialLine } from '../../src/domain/machine-links.ts';
import type { SendingProgress } from '../../src/domain/sending.ts';
import { defaultBounds, type SerialBounds } from '../../src/edges/serial/bounds.ts';
import type { LineServices } from '../../src/edges/serial/line.ts';
import { portOpener } from '../../src/edges/serial/open-port.ts';
import { Lines } from '../../src/edges/serial/server.ts';
import { takeBack } from '../../src/edges/serial/take-back.ts';
import { ControlInMemory, ControlOnTcp } from './fake-control.ts';
import { FakeReturns } from './fake-returns.ts';
import { until } from './floor.ts';
import { FakeShelf } from './sftp-fake-shelf.ts';

export const machine = 'FANUC-99' as MachineId;

/** 7E2 at a rate that keeps a test short; nothing is asked for and nothing waited for unless a test says so. */
export const plainLine: SerialLine = {
  at: { kind: 'tcp', host: '127.0.0.1', port: 1 },
  ...{ baud: 115_200, dataBits: 7, parity: 'even', stopBits: 2, protocol: 'xon-xoff' },
  ...{
    burst: 8,
    leader: 0,
    ending: 'none',
    waitsForXon: false,
    request: 'none',
    refusal: 'silence',
    stallSeconds: 600,
  },
};

export type CameBack = { machine: MachineId; name: string; text: string };

export type TestLines = {
  lines: Lines;
  shelf: FakeShelf;
  returns: FakeReturns;
  /** What was kept. */
  cameBack: CameBack[];
  logged: Record<string, unknown>[];
  /** Begins to send; `over` resolves with how it ended. */
  send(name: string): { begun: Promise<unknown>; over: Promise<SendingProgress>; progress: SendingProgress[] };
  opened(): Promise<unknown>;
  close(): Promise<void>;
};

/** Lines in this process over a fake shelf: what a door process has, and its core. */
export async function openLines(
  line: SerialLine,
  options: { openPort?: LineServices['openPort']; bounds?: Partial<SerialBounds> } = {},
): Promise<TestLines> {
  const shelf = new FakeShelf();
  const returns = new FakeReturns();
  const cameBack: CameBack[] = [];
  const logged: Record<string, unknown>[] = [];
  const lines = new Lines({
    shelf,
    openPort: options.openPort ?? portOpener([]),
    openBlob: shelf.openBlob,
    takeBack: async (came) => {
      const verdict = await takeBack(returns, returns.openArrival, came);
      const { machine: from, name } = came;
      cameBack.push({ machine: from, name, text: returns.content(returns.accepted.length - 1).toString('latin1') });
      return verdict;
    },
    now: () => performance.now(),
    bounds: {
      ...defaultBounds,
      quietMs: 30,
      silenceMs: 200,
      reopenMs: 20,
      trailerMs: 50,
      xmodemQuietMs: 5,
      ...options.bounds,
    },
    log: pino({ level: 'debug' }, { write: (text: string) => void logged.push(JSON.parse(text)) }),
  });
  await lines.set([{ machine, line }]);
  let sent = 0;
  return {
    ...{ lines, shelf, returns, cameBack, logged },
    send(name) {
      const progress: SendingProgress[] = [];
      const over = Promise.withResolvers<SendingProgress>();
      const sendingId = `SND-${String(sent++).padStart(10, '0')}` as SendingId;
      const begun = lines.send({ sendingId, machine, path: ['current', name] }, (news) => {
        progress.push(news);
        if (news.state === 'completed' || news.state === 'failed') over.resolve(news);
      });
      begun.catch(() => {});
      return { begun, over: over.promise, progress };
    },
    opened: () => until('an open line', async () => logged.find(({ msg }) => msg === 'the line is open')),
    close: () => lines.close(),
  };
}

/** The same with a control in this process. */
export async function openMemoryLines(
  over: Partial<SerialLine> = {},
  bounds: Partial<SerialBounds> = {},
): Promise<TestLines & { control: ControlInMemory }> {
  const control = new ControlInMemory();
  const lines = await openLines({ ...plainLine, ...over }, { openPort: control.openPort, bounds });
  await lines.opened();
  return { ...lines, control };
}

/** The same with a control behind a device server. */
export async function openTcpLines(
  over: Partial<SerialLine> = {},
  bounds: Partial<SerialBounds> = {},
): Promise<TestLines & { control: ControlOnTcp }> {
  const control = new ControlOnTcp();
  const port = await control.listen();
  const lines = await openLines({ ...plainLine, ...over, at: { kind: 'tcp', host: '127.0.0.1', port } }, { bounds });
  await lines.opened();
  await control.connected();
  const close = async () => {
    await lines.close();
    await control.close();
  };
  return { ...lines, control, close };
}

/** A program of so many bytes that no 7-bit line changes. */
export function longProgram(bytes: number): string {
  let text = '%\nO1234\n';
  for (let n = 10; text.length < bytes - 2; n += 10) text += `N${n} G1 X${n}. Y-${n}.5 F20.\n`;
  return `${text.slice(0, bytes - 3)}\n%\n`;
}
