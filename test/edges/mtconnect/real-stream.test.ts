import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nothingSaid } from '../../../src/domain/monitoring.ts';
import { following, readStreams, requireDevice } from '../../../src/edges/mtconnect/document.ts';

const nist = new URL('../../../../shared/nist/mtconnect', import.meta.url).pathname;

describe('a stream of a real machine', () => {
  if (!existsSync(nist)) {
    test.skip("NIST's stream is not on this machine, so that none was read", () => {});
    return;
  }
  const read = (name: string) => readFileSync(join(nist, name), 'utf8');

  test('says what was edited and whether it ran, among ten thousand other things', () => {
    const streams = readStreams(read('Cover-Hurco04-01of20.xml'), 'Hurco04');
    expect(streams).toMatchObject({ instanceId: '1488215604', nextSequence: 830_930 });
    expect(streams.said).toHaveLength(20);
    expect(following(nothingSaid, streams)).toEqual({
      ...{ program: null, comment: null, execution: 'PROGRAM_COMPLETED', edited: 'NIST_MTC_CRADA_COVER_REV-A.NC' },
    });
  });

  test('comes from one of the devices of its agent', () => {
    for (const device of ['Hurco04', 'mtc_adapter008', 'GFAgie01']) requireDevice(read('Devices.xml'), device);
    expect(() => requireDevice(read('Devices.xml'), 'Hurco99')).toThrow(/no device/);
  });
});
