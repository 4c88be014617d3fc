import { type ChildProcess, spawn } from 'node:child_process';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Channel } from './rpc.ts';

export type ChildOptions = {
  name: string;
  /** Program and arguments; the IPC channel is added. */
  command: readonly [string, ...string[]];
  environment: NodeJS.ProcessEnv;
  onStart(channel: Channel, pid: number): void;
  /** `expected` when it was asked to stop. */
  onExit(detail: string, expected: boolean): void;
};

/**
 * Keeps one child process running: started at once, started again after it ends with a growing pause. The child sees
 * the channel close when we die, by whatever end, and exits (see `parentChannel`).
 */
export function superviseChild(options: ChildOptions): { stop(): Promise<void>; readonly pid: number | undefined } {
  let child: ChildProcess | undefined;
  let stopping = false;
  let pause: number = limits.childRestartMs;
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const [program, ...args] = options.command;
    const startedAt = performance.now();
    const started = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: options.environment });
    child = started;
    let ended = false;
    const onEnd = (detail: string) => {
      if (ended) return;
      ended = true;
      child = undefined;
      options.onExit(detail, stopping);
      if (stopping) return;
      pause =
        performance.now() - startedAt > limits.childRestartMaxMs
          ? limits.childRestartMs
          : Math.min(pause * 2, limits.childRestartMaxMs);
      timer = setTimeout(start, pause);
    };
    started.on('error', (error) => onEnd(error.message));
    started.on('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
    if (started.pid !== undefined) options.onStart(childChannel(started), started.pid);
  };
  start();

  return {
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (!running) return;
      await new Promise<void>((resolve) => {
        const kill = setTimeout(() => running.kill('SIGKILL'), limits.shutdownGraceMs);
        running.once('exit', () => {
          clearTimeout(kill);
          resolve();
        });
        running.kill('SIGTERM');
      });
    },
  };
}

const childChannel = (child: ChildProcess): Channel => ({
  // A send to a child that just died fails here and again, seen, at onClose.
  post: (message) => void child.send(message as object, () => {}),
  onMessage: (listener) => void child.on('message', listener),
  onClose: (listener) => void child.once('exit', listener),
});

/** The child's end. When the parent is gone the child has no one to answer to, and exits. */
export function parentChannel(): Channel {
  if (!process.send) throw new DomainError('config-invalid', 'This program is started by `keyway serve`, not by hand.');
  process.on('disconnect', () => process.exit(0));
  return {
    post: (message) => void process.send?.(message, undefined, undefined, () => {}),
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.once('disconnect', listener),
  };
}

/** Two ends in one process, for tests and for a gateway wired without children. */
export function channelPair(): { left: Channel; right: Channel; close(): void } {
  const make = () => ({ messages: [] as ((m: unknown) => void)[], closes: [] as (() => void)[] });
  const [a, b] = [make(), make()];
  const end = (mine: typeof a, theirs: typeof a): Channel => ({
    post: (message) => {
      const copy = JSON.stringify(message);
      setImmediate(() => {
        for (const listener of theirs.messages) listener(JSON.parse(copy));
      });
    },
    onMessage: (listener) => void mine.messages.push(listener),
    onClose: (listener) => void mine.closes.push(listener),
  });
  return {
    left: end(a, b),
    right: end(b, a),
    close() {
      for (const listener of [...a.closes, ...b.closes]) listener();
    },
  };
}
