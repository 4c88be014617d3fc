/** A witness that dies by SIGKILL in the moment between its durable write and its answer. Argument: a JSON of its parts. */
import { pino } from 'pino';
import { serveWitness } from '../../src/edges/witness/server.ts';
import { openWitnessState } from '../../src/edges/witness/state.ts';
import { Witness } from '../../src/edges/witness/witness.ts';
import { parseVerifierKey } from '../../src/merkle/note.ts';

const { state, origin, vkeys } = JSON.parse(process.argv[2] ?? '') as {
  state: string;
  origin: string;
  vkeys: string[];
};
const log = pino({ level: 'silent' });
const witness = new Witness({
  logs: [{ origin, verifiers: vkeys.map((key) => parseVerifierKey(key)) }],
  state: openWitnessState(state),
  cosigner: {
    name: 'w.example',
    keyId: Buffer.alloc(4),
    sign() {
      process.kill(process.pid, 'SIGKILL');
      throw new Error('still here');
    },
  },
  log,
});
const { port } = await serveWitness({ witness, host: '127.0.0.1', port: 0, log, onFatal: () => process.exit(1) });
process.stdout.write(`${port}\n`);
