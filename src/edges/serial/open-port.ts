import { DomainError } from '../../domain/errors.ts';
import type { SerialLine } from '../../domain/machine-links.ts';
import { openDevicePort } from './device-port.ts';
import type { Port, PortEvents } from './port.ts';
import { openTcpPort } from './tcp-port.ts';

/**
 * Opens a line where it says that it is. A register of machines may name any path; only what stands in one of `devices`, which
 * the gateway's own configuration names, is opened.
 */
export function portOpener(devices: readonly string[]) {
  return async (line: SerialLine, events: PortEvents): Promise<Port> => {
    const { at } = line;
    if (at.kind === 'tcp') return openTcpPort(at, events);
    if (!devices.some((folder) => at.path.startsWith(`${folder}/`)))
      throw new DomainError('config-invalid', `The device ${at.path} is in none of the folders of serial.devices.`);
    return openDevicePort(at.path, line, events);
  };
}
