import type { Page } from 'playwright-core';
import { pathOf } from '../../src/nc/path/path-of.ts';
import { packToolpath } from '../../src/services/toolpath-pack.ts';
import { millDrill } from './bench-web-load.ts';
import { millProgram, sidecarOf } from './screens-floor.ts';
import { closeBrowser, openWebStage } from './web-stage.ts';

/** Milliseconds; `exact`: from the last movement until every segment stands on the screen. */
export type ToolpathFrames = { shown: number; turning: number; scrubbing: number; exact: number; heapMb: number };

/**
 * The longest frame of the approver's page with two paths of so many segments over one another, in Debian's chromium on
 * software GL: while the paths arrive and are drawn, while they are turned, while the tool is dragged along the newer one.
 */
export async function toolpathFrames(segments: number): Promise<ToolpathFrames> {
  const stage = await openWebStage();
  try {
    const { floor } = stage;
    await floor.release(await floor.admitted(sidecarOf('LONG-2'), { 'LONG-2.NC': millProgram(2) }));
    const newer = sidecarOf('LONG-2', { revision: 'B' });
    const id = await floor.admitted(newer, { 'LONG-2.NC': millProgram(2, 18, 1.2) });
    const paths = { before: packedPath(segments, 0), after: packedPath(segments, 3) };
    // Computing them is measured elsewhere (`npm run bench -- nc`).
    floor.parts.programs.toolpath = async (_asker, _package, _name, { of }) => paths[of];
    const { context } = await stage.signIn(floor.people.quality, '/app/');
    return await framesOf(await context.newPage(), `${stage.origin()}/app/packages/${id}`);
  } finally {
    await stage.close();
    await closeBrowser();
  }
}

async function framesOf(page: Page, url: string): Promise<ToolpathFrames> {
  const watch = new FrameWatch(page);
  await page.goto(url);
  const canvas = page.getByRole('region', { name: 'Toolpath' }).locator('canvas');
  await watch.start();
  await canvas.waitFor();
  await still(page);
  const shown = await watch.worst();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('the path is nowhere to be seen');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await watch.start();
  for (let step = 1; step <= 90; step++) {
    await page.mouse.move(x + 1.5 * step, y + 60 * Math.sin(step / 12));
    // A hand rests now and then: the exact picture then begins, and has to give way again.
    if (step % 30 === 0) await page.waitForTimeout(400);
  }
  await page.mouse.up();
  const turned = performance.now();
  const turning = await watch.worst();
  await still(page);
  const exact = performance.now() - turned;
  const slider = page.getByRole('region', { name: 'Toolpath' }).getByRole('slider');
  const bar = await slider.boundingBox();
  if (!bar) throw new Error('there is nothing to drag along the path');
  await page.mouse.move(bar.x + 8, bar.y + bar.height / 2);
  await page.mouse.down();
  await watch.start();
  for (let step = 1; step <= 90; step++)
    await page.mouse.move(bar.x + 8 + ((bar.width - 16) * step) / 90, bar.y + bar.height / 2);
  await page.mouse.up();
  const scrubbing = await watch.worst();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = (await devtools.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return { shown, turning, scrubbing, exact, heapMb: (usedSize + (backingStorageSize ?? 0)) / 2 ** 20 };
}

const still = async (page: Page): Promise<void> =>
  void (await page.locator('canvas[data-drawn=exact]').waitFor({ timeout: 120_000 }));

/** How long the page took from one frame to the next, by its own clock. */
class FrameWatch {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async start(): Promise<void> {
    await this.#page.evaluate(`(() => {
      const state = window.watchedFrames = { worst: 0, going: true };
      let last = performance.now();
      requestAnimationFrame(function look(now) {
        state.worst = Math.max(state.worst, now - last);
        last = now;
        if (state.going) requestAnimationFrame(look);
      });
    })()`);
  }

  async worst(): Promise<number> {
    return (await this.#page.evaluate('(window.watchedFrames.going = false, window.watchedFrames.worst)')) as number;
  }
}

function packedPath(segments: number, edits: number): Buffer {
  const bytes = millDrill(segments + 4, edits);
  const result = pathOf({ name: 'LONG-2.NC', bytes }, { dialect: 'iso', steps: 2 * segments });
  return Buffer.from(packToolpath(result));
}
