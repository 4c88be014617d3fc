/** Resolves when all that waits has had its turn, a frame among it. A timer would be held back where nobody sees the page. */
export function othersFirst(): Promise<void> {
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
