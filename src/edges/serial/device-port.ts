import { DomainError } from '../../domain/errors.ts';
import type { SerialLine } from '../../domain/machine-links.ts';
import type { Port, PortEvents } from './port.ts';

type Bindings = typeof import('@serialport/bindings-cpp');
const readBytes = 4_096;

/**
 * A serial device of this computer, opened for us alone. The operating system's own XON/XOFF stays off: it would keep
 * those characters to itself, and with them whether a control is ready or has stopped us.
 */
export async function openDevicePort(path: string, line: SerialLine, events: PortEvents): Promise<Port> {
  const { autoDetect } = await loadBindings();
  const { baud: baudRate, dataBits, parity, stopBits, protocol } = line;
  const settings = { path, baudRate, dataBits, parity, stopBits, rtscts: protocol === 'rts-cts' };
  const binding = await autoDetect()
    .open(settings)
    .catch((error: Error) => {
      throw new DomainError('busy', `The line ${path} cannot be opened: ${error.message}.`);
    });
  let closing = false;
  const gone = (error: unknown) => {
    if (!closing) events.onGone(`the line ${path} is gone: ${(error as Error).message}`);
    closing = true;
  };
  const listen = async () => {
    const buffer = Buffer.alloc(readBytes);
    while (!closing) {
      const { bytesRead } = await binding.read(buffer, 0, readBytes);
      events.onBytes(Buffer.from(buffer.subarray(0, bytesRead)));
    }
  };
  listen().catch(gone);
  return {
    async write(bytes) {
      await binding.write(bytes);
      await binding.drain();
    },
    async close() {
      closing = true;
      // A drain that the control holds up by CTS ends only when there is nothing left to send.
      await binding.flush().catch(() => {});
      await binding.close().catch(() => {});
    },
  };
}

async function loadBindings(): Promise<Bindings> {
  try {
    return await import('@serialport/bindings-cpp');
  } catch (cause) {
    throw new DomainError(
      'config-invalid',
      'Serial devices need the package @serialport/bindings-cpp, which does not load here.',
      {
        cause,
      },
    );
  }
}
