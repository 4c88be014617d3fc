import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { Standing } from '../../catalog/standing.ts';
import type { RandomBytes } from '../../domain/ids.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import { SealedRecords } from '../../platform/sealed-records.ts';
import type { PlantConfig, SignInConfig } from '../../platform/sign-in-config.ts';
import type { AccessRecord } from '../access-record.ts';
import type { Authority } from '../authority.ts';
import { personKnown } from '../office.ts';
import type { Asker } from '../principals.ts';
import { AccountService } from './accounts.ts';
import { ApiKeyService } from './api-keys.ts';
import { Attempts } from './attempts.ts';
import { CertificateSignIn } from './certificate-sign-in.ts';
import { LockOut } from './lock-out.ts';
import { OidcSignIn } from './oidc-sign-in.ts';
import { PasskeySignIn } from './passkey-sign-in.ts';
import { PasswordSignIn } from './password-sign-in.ts';
import { ProvisioningService } from './provisioning.ts';
import { Sessions } from './sessions.ts';
import { WhoService } from './who.ts';

export type IdentityParts = {
  ledger: Pick<Ledger, 'commit' | 'size'>;
  standing: Standing;
  authority: Authority;
  record: Pick<AccessRecord, 'note'>;
  /** The file of the sealed records, and the gateway's seal key. */
  file: string;
  sealKey: KeyObject;
  signIn: SignInConfig;
  plant: PlantConfig;
  /** Of the ledger: a name that everybody here knows. */
  origin: string;
  publicOrigin(): string;
  /** Those of the trust root for people's cards. */
  authorities(timeMs: number): readonly X509Certificate[];
  credentialsFolder: string | undefined;
  clock: Clock;
  random: RandomBytes;
  log: Logger;
};

const minuteMs = 60_000;

/** Everything about signing in and sessions, wired. */
export function wireIdentity(parts: IdentityParts) {
  const { ledger, standing, authority, signIn, plant, publicOrigin, clock, random, log } = parts;
  const records = new SealedRecords(parts.file, parts.sealKey);
  const lockOut = new LockOut(records, clock);
  const attempts = new Attempts(clock, random);
  const times = { idleMs: signIn.idleMinutes * minuteMs, longestMs: signIn.hours * 60 * minuteMs };
  const sessions = new Sessions({ ledger, standing, records, ...times, clock, random });
  const placeWords = [parts.origin, plant.banner ?? ''];
  const passwords = new PasswordSignIn({
    ...{ ledger, standing, records, lockOut, record: parts.record, badges: signIn.badges, placeWords, clock, random },
  });
  const passkey = new PasskeySignIn({ standing, records, attempts, lockOut, origin: publicOrigin, clock });
  const { authorities, credentialsFolder } = parts;
  const certificates = new CertificateSignIn({
    ...{ standing, lockOut, settings: signIn.certificates, authorities, clock },
  });
  const common = { ledger, standing, records, clock };
  const oidc =
    signIn.oidc &&
    new OidcSignIn({ ...common, attempts, settings: signIn.oidc, credentialsFolder, origin: publicOrigin, log });
  const accounts = new AccountService({ ...common, authority, sessions, lockOut, passwords, random });
  const apiKeys = new ApiKeyService({ ...common, authority, random });
  const provisioning = new ProvisioningService({ ledger, standing, authority, accounts });
  const who = new WhoService({ standing, authority, clock });
  /** Whether something may go on that this asker began: nobody appends an entry for a session that was left. */
  const isStillHere = ({ principal, session }: Asker): boolean => {
    if (session !== undefined) return sessions.isOpen(session);
    if (principal.kind !== 'person') return true;
    return !standing.accounts.suspension(principal.id) && personKnown(standing, principal.id, clock()) !== undefined;
  };
  return {
    ...{ sessions, attempts, passwords, passkey, certificates, oidc, accounts, apiKeys, provisioning, who },
    ...{ plant, publicOrigin, isStillHere, ledgerSize: () => ledger.size, close: () => records.close() },
  };
}
export type Identity = ReturnType<typeof wireIdentity>;
