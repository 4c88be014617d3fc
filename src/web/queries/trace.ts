import { useQuery } from '@tanstack/react-query';
import type { WitnessList } from '../../edges/http/contract/administration.ts';
import type { DifferenceView } from '../../edges/http/contract/differences.ts';
import type { EvidenceAsked } from '../../edges/http/contract/evidence.ts';
import type { LegalHoldList } from '../../edges/http/contract/floor.ts';
import type { EntryView, TrustView } from '../../edges/http/contract/ledger.ts';
import type { ExposureView, TraceView } from '../../edges/http/contract/trace.ts';
import type { Toolpath } from '../parts/toolpath/pack.ts';
import { getJson, getText } from './api.ts';
import { trustQuery } from './ledger.ts';
import { officeApi } from './office-paths.ts';
import { readPath, useLasting } from './packages.ts';

/** What a question is asked by, in the order in which people have it in hand. */
export const traceKinds = ['serial', 'part', 'workOrder', 'machine', 'person', 'date', 'digest', 'release'] as const;
export type TraceKind = (typeof traceKinds)[number];
export type TraceAsked = Partial<Record<TraceKind, string>>;

export const useTrace = (asked: TraceAsked) =>
  useQuery<TraceView>({
    queryKey: ['trace', asked],
    queryFn: () => getJson(officeApi.trace(asked)),
    enabled: Object.keys(asked).length > 0,
  });

export const useExposure = (releaseId: string, isAsked: boolean) =>
  useQuery<ExposureView>({
    queryKey: ['trace', { exposure: releaseId }],
    queryFn: () => getJson(officeApi.exposure(releaseId)),
    enabled: isAsked,
  });

/** Undefined for as long as the difference is not made, or where none could be. */
export const useControlDifference = (id: string, isKept: boolean) =>
  useLasting<DifferenceView>(officeApi.readbackDifference(id), getJson, isKept);

export const useControlText = (id: string, side: 'delivered' | 'received') =>
  useLasting<string>(officeApi.readbackText(id, side), getText, true);

/** Asked for where a difference could be made. */
export const useControlToolpath = (id: string, side: 'delivered' | 'received', isKept: boolean) =>
  useLasting<Toolpath>(officeApi.readbackToolpath(id, side), readPath, isKept);

/** An entry never changes, but its checkpoint is the newest: whoever looks again sees that one. */
export const useEntry = (index: number) =>
  useQuery<EntryView>({
    queryKey: ['entry', String(index)],
    queryFn: () => getJson(officeApi.entry(index)),
    staleTime: 0,
    gcTime: 0,
  });

export const useTrust = () => useQuery<TrustView>(trustQuery);

/** Whose cosignatures count; nobody's where no witness is configured. */
export const useWitnesses = () =>
  useQuery<WitnessList>({ queryKey: ['witnesses'], queryFn: () => getJson(officeApi.witnesses) });

export const useLegalHolds = () =>
  useQuery<LegalHoldList>({ queryKey: ['trace', { holds: true }], queryFn: () => getJson(officeApi.legalHolds) });

/** The question as a pack of evidence takes it; nothing where it takes none of this kind. */
export function evidenceQuestion(asked: TraceAsked): EvidenceAsked['question'] | undefined {
  const { serial, part, release, date } = asked;
  if (serial !== undefined) return { by: 'serial', serial };
  if (part !== undefined) return { by: 'part', part };
  if (release !== undefined) return { by: 'release', releaseId: release } as EvidenceAsked['question'];
  return date === undefined ? undefined : { by: 'time', from: `${date}T00:00:00.000Z`, to: `${date}T23:59:59.999Z` };
}
