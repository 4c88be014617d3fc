import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The rooms whose files take longest; they begin, so that no worker is left alone with one of them at the end. */
const first = ['test/faults/', 'test/flows/'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const inRoom = (room: string) => sorted.filter(({ moduleId }) => moduleId.includes(`/${room}`));
    return [...new Set([...first.flatMap(inRoom), ...sorted])];
  }
}
