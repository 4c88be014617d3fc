import { classificationBanner } from '../domain/classification.ts';
import { digestHex } from '../domain/digest.ts';
import type { Event, EventOf, EventType } from '../domain/events.ts';
import { questionText } from '../domain/evidence.ts';
import { principalName } from '../domain/people.ts';
import { describe, firstArticleText, meaningOf } from './describe.ts';
import type { PackEntry, PackModel } from './pack.ts';

export type ReportTable = { head: readonly string[]; rows: readonly (readonly string[])[] };
export type ReportSection = { title: string; paragraphs: readonly string[]; table?: ReportTable };
/** What both forms of the report say, in the same order. `banner` stands over every page. */
export type Report = { title: string; banner: string; sections: readonly ReportSection[] };

type Told<T extends EventType> = { index: number; time: string; event: EventOf<T> };

/** The report of a pack, from the entries that it discloses and nothing else. */
export function makeReport(model: PackModel): Report {
  const told = model.entries.flatMap(({ index, time, disclosed }) =>
    disclosed ? [{ index, time, event: disclosed.event }] : [],
  );
  const of = <T extends EventType>(type: T): Told<T>[] => told.filter((entry): entry is Told<T> => isOf(entry, type));
  const sections = [
    verdict(model, of),
    ...of('package.submitted').map((entry) => packageSection(entry, of)),
    deliveries(of),
    runs(model, of),
    timeline(model),
    leftOut(model),
    howToCheck(model),
  ];
  return {
    title: `Evidence about ${model.redacted ? 'a question that is not told here' : questionText(model.question)}`,
    banner: bannerOf(of('package.submitted')),
    sections: sections.filter((section) => section !== undefined),
  };
}

const isOf = <T extends EventType>(entry: { event: Event }, type: T): entry is Told<T> => entry.event.type === type;
type Of = <T extends EventType>(type: T) => Told<T>[];

/** Most restrictive first; each once. */
function bannerOf(packages: readonly Told<'package.submitted'>[]): string {
  const order = { ITAR: 0, EAR: 1, none: 2 };
  const labels = packages.map(({ event }) => event.data.manifest.classification);
  const sorted = labels.toSorted((a, b) => order[a.jurisdiction] - order[b.jurisdiction]);
  return [...new Set(sorted.map(classificationBanner))].join('  |  ') || 'no technical data';
}

function verdict(model: PackModel, of: Of): ReportSection {
  const { entries, size, origin } = model;
  const shown = entries.filter((entry) => entry.disclosed).length;
  const releases = of('release.issued');
  const completed = of('delivery.completed').length;
  const ended = [...of('release.superseded'), ...of('release.withdrawn')].length;
  const serials = new Set(of('run.recorded').flatMap(({ event }) => event.data.serials));
  return {
    title: 'Verdict',
    paragraphs: [
      `This pack holds ${entries.length} entries of the ledger ${origin}, ${shown} with their content and ${entries.length - shown} without. Each is proven to be in the tree of ${size} entries that the checkpoint in this pack signs.`,
      ...(model.redacted
        ? [
            'Names, parts, files and every other content were left out; types and times of the entries remain, and verify.',
          ]
        : [
            `Releases: ${releases.length}, of which ${ended} ended since. Whole deliveries to machines: ${completed}. Serials recorded with them: ${serials.size}.`,
          ]),
      'That an entry is here shows that it was recorded, when, and that it was not changed since. That nothing else happened is shown only as far as the entries of these releases reach.',
    ],
  };
}

function packageSection({ index, time, event }: Told<'package.submitted'>, of: Of): ReportSection {
  const { packageId, depositId, manifest, manifestDigest, firstArticle } = event.data;
  const waived = of('finding.waived').filter((entry) => entry.event.data.depositId === depositId);
  const decided = of('first-article.decided').filter((entry) => entry.event.data.packageId === packageId);
  const issued = of('release.issued').find((entry) => entry.event.data.packageId === packageId);
  const approvals = of('approval.given').filter((entry) => entry.event.data.packageId === packageId);
  const releaseId = issued?.event.data.releaseId;
  const end = [...of('release.superseded'), ...of('release.withdrawn')].find(
    (e) => e.event.data.releaseId === releaseId,
  );
  return {
    title: `${manifest.part} revision ${manifest.revision}, operation ${manifest.operation}`,
    paragraphs: [
      `Package ${packageId} for machines of ${manifest.machineGroup}, by ${manifest.author}, change order ${manifest.changeOrder}, ${classificationBanner(manifest.classification)}. Submitted ${utc(time)} (entry ${index}); manifest ${manifestDigest}.`,
      ...approvals.map(
        (entry) =>
          `${entry.event.data.person} approved as ${entry.event.data.role} on ${utc(entry.time)} (entry ${entry.index}): "${meaningOf(entry.event.data.envelope.payload)}"`,
      ),
      ...waived.map((entry) => `${describe(entry.event)} (${utc(entry.time)}, entry ${entry.index})`),
      ...(firstArticle
        ? [
            `First article, as drafted against release ${firstArticle.against}: ${firstArticle.statement} The difference behind it: ${firstArticle.difference.digest}.`,
          ]
        : []),
      ...decided.map((entry) => `${firstArticleText(entry.event.data)} (${utc(entry.time)}, entry ${entry.index})`),
      issued
        ? `Released as ${releaseId} on ${utc(issued.time)} (entry ${issued.index}).`
        : 'This package was not released as far as this pack shows.',
      ...(end ? [`${describe(end.event)} (${utc(end.time)}, entry ${end.index})`] : []),
    ],
    table: {
      head: ['file', 'role', 'bytes', 'SHA-256'],
      rows: manifest.files.map(({ name, role, size, digest }) => [name, role, String(size), digestHex(digest)]),
    },
  };
}

function deliveries(of: Of): ReportSection | undefined {
  const started = of('delivery.started');
  if (started.length === 0) return undefined;
  const ends = new Map<string, string>([
    ...of('delivery.completed').map((e): [string, string] => [e.event.data.deliveryId, `whole, ${utc(e.time)}`]),
    ...of('delivery.failed').map((e): [string, string] => [e.event.data.deliveryId, `failed: ${e.event.data.reason}`]),
  ]);
  return {
    title: 'Deliveries to machines',
    paragraphs: [
      'What is whole here was read by the machine to its last byte. What the machine ran is recorded below, by people.',
    ],
    table: {
      head: ['entry', 'began', 'machine', 'file', 'over', 'end'],
      rows: started.map(({ index, time, event: { data } }) => [
        String(index),
        utc(time),
        data.machineId,
        data.file,
        data.channel,
        ends.get(data.deliveryId) ?? 'no end recorded',
      ]),
    },
  };
}

function runs({ question }: PackModel, of: Of): ReportSection | undefined {
  const recorded = of('run.recorded');
  if (recorded.length === 0) return undefined;
  const serials = new Set(recorded.flatMap(({ event }) => event.data.serials));
  if (question.by === 'serial') serials.delete(question.serial);
  const machines = new Set(recorded.map(({ event }) => event.data.machineId));
  return {
    title: 'Parts that were cut, and what else is exposed',
    paragraphs: [
      `${recorded.length} runs on ${[...machines].join(', ')}. ${question.by === 'serial' ? 'Other serials' : 'Serials'} that share these releases (${serials.size}): ${[...serials].sort().join(', ') || 'none'}.`,
    ],
    table: {
      head: ['entry', 'began', 'machine', 'work order', 'operator', 'serials'],
      rows: recorded.map(({ index, event: { data } }) => [
        String(index),
        utc(data.startedAt),
        data.machineId,
        data.workOrder,
        data.operator,
        data.serials.join(', ') + (data.superseded ? ' (release no longer in force)' : ''),
      ]),
    },
  };
}

function timeline({ entries, timeZone }: PackModel): ReportSection {
  const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone });
  const isUtc = timeZone === 'UTC';
  const row = ({ index, time, type, disclosed, withheld }: PackEntry) => [
    String(index),
    utc(time),
    ...(isUtc ? [] : [local.format(new Date(time))]),
    disclosed ? principalName(disclosed.event.actor) : '',
    disclosed ? describe(disclosed.event) : `${type}: ${withheld ?? 'withheld'}`,
  ];
  return {
    title: 'Timeline',
    paragraphs: [],
    table: { head: ['entry', 'time', ...(isUtc ? [] : [timeZone]), 'who', 'what'], rows: entries.map(row) },
  };
}

/** To the second; entries.json has it whole. */
const utc = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

function leftOut({ leftOut: items }: PackModel): ReportSection | undefined {
  if (items.length === 0) return undefined;
  return {
    title: 'Left out',
    paragraphs: [],
    table: { head: ['what', 'why'], rows: items.map(({ what, why }) => [what, why]) },
  };
}

function howToCheck({ older }: PackModel): ReportSection {
  return {
    title: 'How to check this',
    paragraphs: [
      'VERIFY.md in this pack names each step with commands that need none of our programs. The keys to check against, trust.json, must reach you by another way than this pack.',
      ...(older
        ? [
            `The pack also proves that the ledger extends the older checkpoint of ${older.size} entries that was asked about.`,
          ]
        : []),
    ],
  };
}
