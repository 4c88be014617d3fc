import { pino } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { openArrivalFile } from '../../door/arrival-file.ts';
import { runDoor } from '../../door/door-process.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import { parentChannel } from '../../platform/child-process.ts';
import { makeCaller, namedChannel, serveCalls } from '../../platform/rpc.ts';
import { VerifiedBlob } from '../../vault/verified-blob.ts';
import { DoorSettings } from './door-settings.ts';
import { lineChannel, lineProcedures, lineReports } from './line-protocol.ts';
import { portOpener } from './open-port.ts';
import { Lines } from './server.ts';
import { takeBack } from './take-back.ts';

const log = pino(
  { name: 'keyway', level: process.env.KEYWAY_LOG_LEVEL ?? 'info', base: { room: 'serial' } },
  pino.destination(2),
);
const channel = parentChannel();
const about = namedChannel(channel, lineChannel);
const notYet = () => new DomainError('busy', 'The door of lines is starting.');
const report = makeCaller(about, lineReports, { timeoutMs: limits.doorAnswerMs, unavailable: notYet });
let lines: Lines | undefined;

const opened = (): Lines => {
  if (lines) return lines;
  throw notYet();
};

serveCalls(
  about,
  lineProcedures,
  {
    async setLines(wanted) {
      await opened().set(wanted);
      return null;
    },
    // The core learns the end of every delivery by the delivery itself; progress is for whoever waits.
    send: (order) => opened().send(order, (progress) => void report('progress', progress).catch(() => {})),
  },
  (err) => log.error({ err }, 'a call failed'),
);

runDoor(
  {
    name: 'Serial',
    procedures: doorProcedures(DoorSettings),
    async open({ devices, vaultFolder, bounds }, { shelves, returns }) {
      const running = new Lines({
        shelf: shelves.through('serial'),
        openPort: portOpener(devices),
        openBlob: ({ digest, size }) => VerifiedBlob.open(vaultFolder, digest, size),
        takeBack: (came) => takeBack(returns, openArrivalFile, came),
        now: () => performance.now(),
        bounds,
        log,
      });
      lines = running;
      return { ports: [], close: () => running.close() };
    },
  },
  channel,
  log,
);
