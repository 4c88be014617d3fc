import { inTurns, inTurnsOf } from '../helpers/bench-doors.ts';
import { SftpPlace } from '../helpers/bench-sftp.ts';
import { openSshVersion } from '../helpers/sftp-openssh.ts';
import { type BenchResult, figure } from './figures.ts';

const pullsPerRound = 80;
const pullsAtOnce = 8;
const filesPerRound = 1_000;

/**
 * Machines pull released programs: from a whole gateway, and the same files from OpenSSH's sshd beside it, by OpenSSH's
 * own client, in turns.
 */
export async function run(): Promise<BenchResult> {
  if (openSshVersion() === undefined)
    return { figures: [], notes: ["OpenSSH's client is not installed: nothing was measured."] };
  const notes: string[] = [];
  const place = new SftpPlace();
  const ours = await place.startGateway();
  const peer = await place.startPeer(notes);
  try {
    const pulls = await inTurnsOf(ours, peer, (server) => place.pulls(server, pullsPerRound, pullsAtOnce));
    const down = await inTurns(ours, peer, (server) => place.megabytesPerSecond(server, 'down'));
    const up = await inTurns(ours, peer, (server) => place.megabytesPerSecond(server, 'up'));
    const files = await inTurns(ours, peer, (server) => place.filesPerSecond(server, filesPerRound));
    const against = { peerName: peer?.name ?? 'OpenSSH sshd', better: 'more' as const };
    return {
      figures: [
        figure({
          what: `SFTP: pulls of 200 kB over new connections, ${pullsAtOnce} at a time, decided, verified, in the ledger`,
          ...{ ...pulls.perSecond, ...against, unit: 'pulls/s', goal: 2 },
        }),
        figure({
          what: 'SFTP: processor time of all server processes for one of these pulls',
          ...{ ...pulls.processorMs, ...against, better: 'less', unit: 'ms', goal: 4 },
        }),
        figure({
          what: 'SFTP: one file of 512 MiB down, decided, verified, in the ledger',
          // sshd checks nothing; our door checks every chunk again before it leaves.
          ...{ ...down, ...against, unit: 'MB/s', goal: 1.1 },
        }),
        figure({
          what: 'SFTP: one file of 512 MiB up, hashed, durable, judged, in the ledger',
          // sshd neither hashes nor waits for the disk.
          ...{ ...up, ...against, unit: 'MB/s', goal: 1 },
        }),
        figure({
          what: `SFTP: ${filesPerRound} files of 20 kB over one connection, each decided, verified, in the ledger`,
          ...{ ...files, ...against, unit: 'files/s', goal: 1.1 },
        }),
      ],
      notes,
    };
  } finally {
    await ours.stop();
    await peer?.stop();
    place.remove();
  }
}
