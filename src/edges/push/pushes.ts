import type { Logger } from 'pino';
import type { DoorChannel } from '../../domain/doors.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { PushLink } from '../../domain/machine-links.ts';
import { doorsOf } from '../../domain/machines.ts';
import {
  type ClearingOrder,
  type Pusher,
  type PushListener,
  type PushOrder,
  type PushResult,
  type RemovalOrder,
  type Survey,
  type SurveyOrder,
  temporaryName,
} from '../../domain/pushing.ts';
import type { Returns } from '../../domain/returns.ts';
import type { OpenedFile, Shelves } from '../../domain/shelf.ts';
import { IncomingFile, type OpenArrival } from '../../door/incoming-file.ts';
import type { BlobReader } from '../../door/open-file.ts';
import { named } from './names.ts';
import { digestThere, failed, place } from './place.ts';
import type { Target } from './target.ts';

export type PushServices = {
  shelves: Shelves;
  returns: Returns;
  openTarget(link: PushLink): Promise<Target>;
  openBlob(opened: OpenedFile): Promise<BlobReader>;
  openArrival: OpenArrival;
  drainMs: number;
  log: Logger;
};

/** All that goes to the folders of machines and comes from there; each act has a connection of its own. */
export class Pushes implements Pusher {
  readonly #services: PushServices;
  readonly #underWay = new Map<Promise<unknown>, Target>();
  #closing = false;

  constructor(services: PushServices) {
    this.#services = services;
  }

  async push(order: PushOrder, listener: PushListener): Promise<PushResult> {
    const { shelves, openBlob } = this.#services;
    const shelf = shelves.through(channelOf(order.link));
    try {
      return await this.#at(order.link, (target) => place(order, { target, shelf, openBlob, listener }));
    } catch (error) {
      this.#services.log.debug({ err: error, machine: order.machine }, 'a push did not begin');
      return failed(error);
    }
  }

  survey({ machine, link, names }: SurveyOrder): Promise<Survey> {
    return this.#at(link, async (target) => {
      const found = await target.list();
      const verdicts: Survey['verdicts'] = [];
      for (const name of names) {
        const there = named(name, found);
        if (there?.kind !== 'file' || there.size === 0) continue;
        const arrival = await this.#services.returns.accept(channelOf(link), machine, name);
        const file = new IncomingFile(arrival, this.#services.returns);
        const verdict = await this.#takeBack(file, target.read(there.name, limits.fileBytes));
        verdicts.push({ name, verdict });
      }
      return { listed: found.map(({ name }) => name), verdicts };
    });
  }

  remove({ link, name, only }: RemovalOrder): Promise<boolean> {
    return this.#at(link, async (target) => {
      const there = named(name, await target.list());
      if (there?.kind !== 'file' || !only.some(({ size }) => size === there.size)) return false;
      const digest = await digestThere(target, there.name, there.size);
      if (!only.some((one) => one.digest === digest)) return false;
      await target.remove(there.name);
      return true;
    });
  }

  clear({ link, sendingId }: ClearingOrder): Promise<void> {
    return this.#at(link, async (target) => {
      const left = temporaryName(sendingId);
      if (named(left, await target.list())) await target.remove(left);
    });
  }

  /** Takes no more orders, gives what is under way its time, then cuts it off: the queue of the core goes on at the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    const cutOff = setTimeout(() => {
      for (const target of this.#underWay.values()) void target.close();
    }, this.#services.drainMs);
    await Promise.allSettled(this.#underWay.keys());
    clearTimeout(cutOff);
  }

  async #at<T>(link: PushLink, work: (target: Target) => Promise<T>): Promise<T> {
    if (this.#closing) throw new DomainError('busy', 'The gateway is stopping.');
    const target = await this.#services.openTarget(link);
    const working = work(target);
    this.#underWay.set(working, target);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
      await target.close();
    }
  }

  async #takeBack(file: IncomingFile, bytes: AsyncIterable<Buffer>) {
    try {
      await file.open(this.#services.openArrival);
      let at = 0;
      for await (const part of bytes) {
        await file.write(part, at);
        at += part.length;
      }
    } catch (error) {
      await file.end('cut off');
      throw error;
    }
    const verdict = await file.end('closed by the machine');
    if (verdict) return verdict;
    throw new DomainError('internal', 'A program that came whole was not judged.');
  }
}

/** The one door that a link is. */
function channelOf(push: PushLink): DoorChannel {
  const [channel] = doorsOf({ channel: 'push', push });
  if (channel) return channel;
  throw new DomainError('internal', 'A link leads through no door.');
}
