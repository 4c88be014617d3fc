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
import { openTarget } from './open-target.ts';
import { pushChannel, pushProcedures, pushReports } from './push-protocol.ts';
import { Pushes } from './pushes.ts';

const log = pino(
  { name: 'keyway', level: process.env.KEYWAY_LOG_LEVEL ?? 'info', base: { room: 'push' } },
  pino.destination(2),
);
const channel = parentChannel();
const about = namedChannel(channel, pushChannel);
const notYet = () => new DomainError('busy', 'The door of pushes is starting.');
const report = makeCaller(about, pushReports, { timeoutMs: limits.doorAnswerMs, unavailable: notYet });
let pushes: Pushes | undefined;

const opened = (): Pushes => {
  if (pushes) return pushes;
  throw notYet();
};

serveCalls(
  about,
  pushProcedures,
  {
    push: (order) => {
      const { sendingId } = order;
      return opened().push(order, {
        placing: async (deliveryId) => void (await report('placing', { sendingId, deliveryId })),
        progress: (deliveryId, bytes) => void report('progress', { sendingId, deliveryId, bytes }).catch(() => {}),
      });
    },
    survey: (order) => opened().survey(order),
    remove: (order) => opened().remove(order),
    async clear(order) {
      await opened().clear(order);
      return null;
    },
  },
  (err) => log.error({ err }, 'a call failed'),
);

runDoor(
  {
    name: 'Push',
    procedures: doorProcedures(DoorSettings),
    async open({ folders, secrets, vaultFolder, bounds }, { shelves, returns }) {
      const { answerMs, drainMs } = bounds;
      const running = new Pushes({
        ...{ shelves, returns, openArrival: openArrivalFile, drainMs, log },
        openTarget: (link) => openTarget(link, { folders, secrets, answerMs }),
        openBlob: ({ digest, size }) => VerifiedBlob.open(vaultFolder, digest, size),
      });
      pushes = running;
      return { ports: [], close: () => running.close() };
    },
  },
  channel,
  log,
);
