import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type DebianPackage = {
  name: string;
  binaries: readonly string[];
  /** What else shows that it is installed: absolute paths. */
  files?: readonly string[];
  for: string;
  optional?: true;
};

/** Where Debian puts the sources of golang.org/x/mod. */
export const xModSources = '/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog';

/** Other people's programs that judge us. A test that needs one says so where it is not there. */
export const debianPackages: readonly DebianPackage[] = [
  { name: 'openssh-client', binaries: ['sftp', 'ssh', 'ssh-keygen'], for: 'pulls over SFTP as a machine does' },
  { name: 'openssl', binaries: ['openssl'], for: 'verifies signatures and certificates without us' },
  { name: 'gnutls-bin', binaries: ['certtool'], for: 'verifies detached signatures without us' },
  { name: 'golang-go', binaries: ['go'], for: 'builds the reader of an exported ledger' },
  { name: 'golang-golang-x-mod-dev', binaries: [], files: [xModSources], for: "Go's own tree and note code" },
  { name: 'lftp', binaries: ['lftp'], for: 'pulls over FTP and FTPS as a control does' },
  { name: 'curl', binaries: ['curl'], for: 'pulls over FTP and FTPS, passive and active' },
  { name: 'rclone', binaries: ['rclone'], for: 'pulls and sends back over SFTP' },
  { name: 'putty-tools', binaries: ['psftp', 'puttygen'], for: 'pulls and sends back over SFTP as from Windows' },
  {
    name: 'python3-paramiko',
    binaries: [],
    files: ['/usr/lib/python3/dist-packages/paramiko/__init__.py'],
    for: 'pulls and sends back over SFTP as scripts do',
  },
  { name: 'ssh-audit', binaries: ['ssh-audit'], for: 'says what an SSH server offers' },
  { name: 'linuxcnc-uspace', binaries: ['rs274'], for: 'runs ISO programs: judges our toolpath' },
  { name: 'argon2', binaries: ['argon2'], for: 'hashes passwords without us' },
  {
    name: 'softhsm2',
    binaries: ['softhsm2-util'],
    files: ['/usr/lib/softhsm/libsofthsm2.so'],
    for: 'a token that keeps its keys',
  },
  { name: 'opensc', binaries: ['pkcs11-tool'], for: 'makes keys in tokens as for a card' },
  { name: 'unzip', binaries: ['unzip'], for: 'unpacks evidence as an auditor does' },
  { name: 'poppler-utils', binaries: ['pdftotext', 'pdftoppm'], for: 'reads the report of a pack' },
  { name: 'chromium', binaries: ['chromium'], for: 'opens the screens as people do' },
  { name: 'socat', binaries: ['socat'], for: 'a pseudo-terminal where a control would be on a serial line' },
  {
    name: 'openssh-server',
    binaries: [],
    files: ['/usr/sbin/sshd'],
    for: 'a server that programs are pushed to by SFTP',
  },
  { name: 'vsftpd', binaries: ['vsftpd'], for: 'a server that programs are pushed to by FTP and FTPS' },
  { name: 'samba', binaries: ['smbd'], for: 'shares a folder that programs are pushed into' },
  { name: 'smbclient', binaries: ['smbclient'], for: 'reads that share as a control does' },
  { name: 'strace', binaries: ['strace'], for: 'shows that the ledger is synced before anybody is told' },
  { name: 'gcc', binaries: ['gcc'], for: 'builds the library that breaks a disk under SQLite' },
  { name: 'libc6-dev', binaries: [], files: ['/usr/include/dlfcn.h'], for: 'what that library is built against' },
  { name: 'eatmydata', binaries: ['eatmydata'], for: 'swallows syncs, so that the test which counts them must fail' },
];

/** Whether a program of this name is on the search path, executable by us. */
export function onPath(binary: string): boolean {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .some((folder) => {
      try {
        accessSync(join(folder, binary), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export const missingPackages = (): DebianPackage[] =>
  debianPackages.filter(
    ({ binaries, files = [] }) =>
      !binaries.every((binary) => onPath(binary)) || !files.every((file) => existsSync(file)),
  );

const aptMs = 10 * 60 * 1000;

function aptGet(...args: string[]): boolean {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: 'inherit', env: environment, timeout: aptMs }).status === 0;
}

/** Installs what is missing where we are root on a Debian system, and returns what is missing still. */
export function installMissingPackages(): DebianPackage[] {
  const missing = missingPackages();
  if (missing.length === 0 || process.getuid?.() !== 0 || !onPath('apt-get')) return missing;
  console.log(`Installing ${missing.map(({ name }) => name).join(', ')}.`);
  aptGet('update');
  // One by one, so that a package this release does not carry takes no other with it.
  for (const { name } of missing) aptGet('install', '-y', '--no-install-recommends', name);
  return missingPackages();
}
