/** What only a browser has. */
type Page = {
  document?: { visibilityState: string };
  requestAnimationFrame?(draw: (now: number) => void): void;
};

/** Of work without a frame: well below what people notice. */
const stretchMs = 25;
let lastFrame = 0;

/**
 * Resolves when all that waits has had its turn. After a stretch of work that is a frame: while there is anything else to do, a
 * browser draws none for a tenth of a second. Where nobody sees the page there are no frames, and timers are held back.
 */
export async function othersFirst(): Promise<void> {
  const { document, requestAnimationFrame } = globalThis as Page;
  if (requestAnimationFrame && document?.visibilityState === 'visible' && performance.now() - lastFrame > stretchMs) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    lastFrame = performance.now();
  }
  // Also behind a frame's own work, before it is drawn.
  await nextMessage();
}

function nextMessage(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    port1.close();
    resolve();
  };
  port1.addEventListener('message', end, { once: true });
  port1.start();
  port2.postMessage(undefined);
  return promise;
}
