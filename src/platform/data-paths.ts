import { join } from 'node:path';

export type DataPaths = ReturnType<typeof dataPaths>;

/** Where each thing stands in a data folder. */
export const dataPaths = (data: string) => ({
  keys: join(data, 'keys'),
  trust: join(data, 'trust.json'),
  /** Of a development gateway: the keys of its two administrators. */
  devAdmins: join(data, 'dev-admins'),
  ledger: join(data, 'ledger.db'),
  summary: join(data, 'ledger.summary'),
  /** There where the ledger goes on under another origin (see `ledger fork`). */
  frozen: join(data, 'frozen.json'),
  catalog: join(data, 'catalog.db'),
  /** What people sign in with, sealed; nothing of the ledger rests on it. */
  accounts: join(data, 'accounts.db'),
  /** Answers that were given to acts with an Idempotency-Key. */
  answers: join(data, 'answers.db'),
  /** How far each webhook has been told. */
  outbox: join(data, 'outbox.db'),
  lock: join(data, 'lock.db'),
  vault: join(data, 'vault'),
  /** Where doors write what machines send back, before it is in the vault. */
  inbound: join(data, 'inbound'),
  /** The one folder that the signer process may write. */
  signer: join(data, 'signer'),
  signerState: join(data, 'signer', 'state.json'),
});
