import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

const header = (next: number) =>
  `<Header creationTime="2027-01-15T12:00:00Z" sender="cnc" instanceId="7" version="1.3.0.1" bufferSize="131072" nextSequence="${next}" firstSequence="1" lastSequence="${next - 1}"/>`;

/** One event as an agent writes it. */
export const said = (element: string, value: string, sequence: number) =>
  `<${element} dataItemId="p1" timestamp="2027-01-15T12:00:00Z" sequence="${sequence}">${value}</${element}>`;

export const streams = (events: string, next: number, device = 'Hurco04') =>
  `<?xml version="1.0" encoding="UTF-8"?><MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:1.3">${header(next)}<Streams>` +
  `<DeviceStream name="${device}" uuid="u-${device}"><ComponentStream component="Path" name="P" componentId="p"><Events>${events}</Events></ComponentStream></DeviceStream></Streams></MTConnectStreams>`;

export const probe = (device = 'Hurco04') =>
  `<?xml version="1.0" encoding="UTF-8"?><MTConnectDevices>${header(1)}<Devices><Device name="${device}" uuid="u-${device}" id="d"><DataItems><DataItem type="AVAILABILITY" id="a"/></DataItems><Components><Path id="p"><DataItems><DataItem type="PROGRAM" id="p1"/></DataItems></Path></Components></Device></Devices></MTConnectDevices>`;

/** An MTConnect agent: what it answers is what a test says, and its stream goes on until the test ends it. */
export class FakeAgent {
  probe = probe();
  current = streams(said('Program', 'O4471.NC', 5) + said('Execution', 'ACTIVE', 6), 7);
  status = 200;
  readonly asked: string[] = [];
  #stream: ServerResponse | undefined;
  readonly #server = createServer((request, response) => {
    const what = (request.url ?? '').slice(1);
    this.asked.push(what);
    if (this.status !== 200) return void response.writeHead(this.status, { location: 'http://127.0.0.1:1/' }).end();
    if (what === 'probe' || what === 'current') return void response.end(what === 'probe' ? this.probe : this.current);
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace;boundary=keyway' });
    response.flushHeaders();
    this.#stream = response;
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  get isStreaming(): boolean {
    return this.#stream !== undefined;
  }

  /** The next document of the stream, in so many pieces. */
  say(document: string, pieces = 1): void {
    const head = `--keyway\r\nContent-type: text/xml\r\nContent-length: ${Buffer.byteLength(document)}\r\n\r\n`;
    const bytes = Buffer.from(`${head}${document}\r\n`);
    const size = Math.ceil(bytes.length / pieces);
    for (let at = 0; at < bytes.length; at += size) this.#stream?.write(bytes.subarray(at, at + size));
  }

  endStream(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
