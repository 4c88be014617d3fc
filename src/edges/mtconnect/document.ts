import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Observation } from '../../domain/monitoring.ts';

/** One thing that an agent said of a device, in its order. */
type Said = { sequence: number; what: keyof Observation; value: string | null };
/** What one document holds of one device: what was said, and where the next begins. */
export type Streams = { instanceId: string; nextSequence: number; said: Said[] };

/** Elements of MTConnectStreams (MTConnect Part 2, 1.3 to 2.x) that say what runs. */
const meanings: Readonly<Record<string, keyof Observation>> = {
  Program: 'program',
  ProgramComment: 'comment',
  ProgramEditName: 'edited',
  Execution: 'execution',
};

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && name !== 'Header',
  maxNestedTags: limits.monitorXmlDepth,
});

type Node = { [name: string]: unknown };

/** Throws `request-invalid` for what is no such document, and `not-found` for one without the device. */
export function readStreams(text: string, device: string): Streams {
  const root = rootOf(text, 'MTConnectStreams');
  const header = nodeOf(root.Header);
  const streams = nodes(root.Streams).flatMap((one) => nodes(one.DeviceStream));
  const ours = streams.find((one) => one['@name'] === device || one['@uuid'] === device);
  if (!ours) throw new DomainError('not-found', `The agent says nothing of a device ${device}.`);
  const said = nodes(ours.ComponentStream).flatMap((component) =>
    [component.Events, component.Samples].flatMap((list) => nodes(list).flatMap(saidIn)),
  );
  return {
    instanceId: String(header['@instanceId'] ?? ''),
    nextSequence: sequenceOf(header['@nextSequence']),
    said: said.sort((a, b) => a.sequence - b.sequence),
  };
}

/** Whether the agent has this device and can say what it runs. Throws `not-found`, `request-invalid`. */
export function requireDevice(text: string, device: string): void {
  const root = rootOf(text, 'MTConnectDevices');
  const found = nodes(root.Devices)
    .flatMap((one) => nodes(one.Device))
    .find((one) => one['@name'] === device || one['@uuid'] === device);
  if (!found) throw new DomainError('not-found', `The agent has no device ${device}.`);
  if (!hasProgram(found)) throw new DomainError('not-supported', `The agent does not say what ${device} runs.`);
}

/** The newest of each that was said, over what was known before. */
export function following(before: Observation, { said }: Streams): Observation {
  const known = { ...before };
  for (const { what, value } of said) known[what] = value;
  return known;
}

/** A document may declare its entities, and then means what it likes: such a one is not read. */
function rootOf(text: string, name: string): Node {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw invalid('it declares a document type');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw invalid(`line ${valid.err.line} is no XML`);
  let parsed: Node;
  try {
    parsed = parser.parse(text) as Node;
  } catch {
    throw invalid('it cannot be read');
  }
  const [root] = nodes(parsed[name]);
  if (root) return root;
  throw invalid(`it is no ${name}`);
}

const saidIn = (events: Node): Said[] =>
  Object.entries(meanings).flatMap(([element, what]) =>
    list(events[element]).map((one): Said => {
      const value = typeof one === 'object' && one !== null ? (one as Node)['#text'] : one;
      const sequence = sequenceOf(nodeOf(one)['@sequence']);
      return { sequence, what, value: saidValue(value) };
    }),
  );

/** UNAVAILABLE is how an agent says that it does not know. */
function saidValue(value: unknown): string | null {
  const text = String(value ?? '')
    .replace(/[\p{C}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, 300);
  return text === '' || text === 'UNAVAILABLE' ? null : text;
}

function hasProgram(node: Node): boolean {
  return Object.entries(node).some(([name, value]) =>
    name === 'DataItem'
      ? nodes(value).some((item) => item['@type'] === 'PROGRAM')
      : list(value).some((child) => typeof child === 'object' && child !== null && hasProgram(child as Node)),
  );
}

function sequenceOf(value: unknown): number {
  const text = String(value ?? '');
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const nodes = (value: unknown): Node[] =>
  list(value).filter((one): one is Node => typeof one === 'object' && one !== null);
const nodeOf = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});
const invalid = (why: string) => new DomainError('request-invalid', `The agent sent no document of MTConnect: ${why}.`);
