import { z } from 'zod';
import { limits } from './limits.ts';
import { SshPublicKey } from './ssh-keys.ts';
import { PathWord, ShortText } from './text.ts';

/** A host name or address as it stands in a configuration: no scheme, no port, no path. */
export const Host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'must be a host name or an address');
export const Port = z.int().min(1).max(65_535);

const absolute = (what: string) =>
  z
    .string()
    .max(500)
    .regex(/^\/([^\u0000-\u001f\u007f\\]*[^/\u0000-\u001f\u007f\\])?$/, `must be an absolute ${what}`)
    .refine((path) => !path.split('/').includes('..'), 'must not go up');

/** An absolute folder, local or as the far side names it. */
const Folder = absolute('folder');

/** The name of a secret that the gateway's configuration says where to find; a ledger is no place for a password. */
const SecretName = PathWord;

const Pem = z
  .string()
  .max(limits.certificateChars)
  .regex(
    /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?$/,
    'must be one certificate in PEM',
  );

/** What the gateway does at a target without being asked. */
const rules = {
  /** Puts each program there as soon as it is released; otherwise when somebody says so. */
  onRelease: z.boolean(),
  /** Reads back what it put there, so often. */
  readBackHours: z.int().min(1).max(limits.readBackMaxHours).optional(),
};
const remote = { host: Host, port: Port, user: ShortText, folder: Folder, secret: SecretName, ...rules };

/**
 * Where released programs are put for a machine that does not come for them: a folder (local, or a share that the system
 * mounted), an SFTP server whose host key is pinned, or an FTP server.
 */
export const PushLink = z.discriminatedUnion('kind', [
  /** `share`: the system mounts it. Where it is not mounted nothing is written into the empty place. */
  z.strictObject({ kind: z.literal('folder'), folder: Folder, share: z.boolean(), ...rules }),
  z.strictObject({ kind: z.literal('sftp'), hostKey: SshPublicKey, ...remote }),
  z
    .strictObject({
      kind: z.literal('ftp'),
      tls: z.enum(['none', 'explicit', 'implicit']),
      /** The one certificate that the server shows, or the authority that issued it for this host. */
      certificate: Pem.optional(),
      authority: Pem.optional(),
      ...remote,
    })
    .refine(
      ({ tls, certificate, authority }) =>
        [certificate, authority].filter((one) => one !== undefined).length === (tls === 'none' ? 0 : 1),
      { path: ['tls'], error: 'over TLS the certificate or its authority is pinned, and without TLS neither' },
    ),
]);
export type PushLink = z.infer<typeof PushLink>;

/**
 * How a control asks for a program by itself, in a block that can be nothing else. `o-number`: a program that holds its
 * number only, `%`, `O1234` (or `:1234`), `%`. `comment`: `%`, perhaps an O-number, `(GET NAME)`, `%`. `none`: what a control sends is
 * always a program that comes back.
 */
export const LineRequest = z.enum(['none', 'o-number', 'comment']);
export type LineRequest = z.infer<typeof LineRequest>;

const baudRates = [300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200] as const;

/** A serial line to a control, at this computer or behind a device server that carries it over TCP. */
export const SerialLine = z
  .strictObject({
    at: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('device'), path: absolute('path, such as /dev/ttyUSB0') }),
      z.strictObject({ kind: z.literal('tcp'), host: Host, port: Port }),
    ]),
    baud: z.literal(baudRates, `must be one of ${baudRates.join(', ')}`),
    dataBits: z.union([z.literal(7), z.literal(8)]),
    parity: z.enum(['none', 'even', 'odd']),
    stopBits: z.union([z.literal(1), z.literal(2)]),
    /** XON/XOFF (DC1, DC3), RTS/CTS, or the 128-byte blocks of XMODEM. */
    protocol: z.enum(['xon-xoff', 'rts-cts', 'xmodem']),
    /**
     * Characters that are on their way at once, which the control must still take after it said XOFF: a FANUC takes some ten.
     * More is faster at high rates.
     */
    burst: z.int().min(1).max(limits.serialBurst),
    /** NUL bytes before the first `%` and after the last, as paper tape had them. */
    leader: z.int().min(0).max(1_000),
    /** What ends a program besides its own last `%`: nothing, or ETX, as the standard interface of Heidenhain has it. */
    ending: z.enum(['none', 'etx']),
    /** Whether the control says XON (DC1) when it is ready to read. Otherwise sending begins at once. */
    waitsForXon: z.boolean(),
    request: LineRequest,
    /**
     * What a control gets whose request is refused: nothing, or `%` twice, which ends its reading. Never words: it would
     * read them as a program.
     */
    refusal: z.enum(['silence', 'end-mark']),
    /** A control that holds its reading for longer than this has failed. Drip feed needs more than its longest cut. */
    stallSeconds: z.int().min(5).max(86_400),
  })
  .refine(({ protocol, dataBits, parity }) => protocol !== 'xmodem' || (dataBits === 8 && parity === 'none'), {
    path: ['protocol'],
    error: 'XMODEM needs 8 data bits and no parity',
  })
  .refine(({ protocol, waitsForXon }) => protocol !== 'xmodem' || !waitsForXon, {
    path: ['waitsForXon'],
    error: 'XMODEM has its own way to say that the control is ready',
  })
  .refine(({ protocol, leader, ending }) => protocol !== 'xmodem' || (leader === 0 && ending === 'none'), {
    path: ['leader'],
    error: 'XMODEM carries the program alone, without leader and ETX',
  })
  .refine(({ request, protocol, waitsForXon }) => request === 'none' || protocol !== 'xon-xoff' || waitsForXon, {
    path: ['request'],
    error: 'a control that asks by itself must say by XON when it is ready to read',
  })
  .refine(({ request, protocol }) => request === 'none' || protocol !== 'xmodem', {
    path: ['request'],
    error: 'requests are read on lines with XON/XOFF or RTS/CTS only',
  });
export type SerialLine = z.infer<typeof SerialLine>;

/** Where an agent says what a machine does (MTConnect), and which of the agent's devices it is. */
export const MonitorLink = z.strictObject({
  url: z
    .string()
    .max(300)
    .regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9._~/-]*)?$/, 'must be such as http://10.20.7.4:5000'),
  device: ShortText,
});
export type MonitorLink = z.infer<typeof MonitorLink>;
