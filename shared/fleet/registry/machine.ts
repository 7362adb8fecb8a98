import { isIP } from 'node:net';
import { type EndpointAddress, segmentKey, showEndpoint } from '../../address.ts';
import { type Untrusted, rawText, untrusted } from '../../printable.ts';
import { placeOf } from './registry-address.ts';

/** What a machine says of itself: `leaving` before it goes, so that nobody is sent there any more. */
export type MachineState = 'ready' | 'leaving';

/** One machine of a fleet, as the registry has it. */
export interface Machine {
  /** Where fronts reach its daemon, `HOST:PORT` with an IP address; its name, too. */
  readonly at: string;
  readonly state: MachineState;
  /** {@link pathKey} of each endpoint. */
  readonly paths: ReadonlySet<string>;
  /** Who publishes it, for people; absent: whoever wrote it does not say. */
  readonly by?: Untrusted | undefined;
}

/**
 * Endpoints in one value of the registry. A service that comes or goes rewrites one slice, about 3 KB, and not all
 * that a machine has.
 */
export const SLICE_SIZE = 100;
/** Slices of one machine: stops a document from claiming that there is more to come for ever. */
const MAX_SLICES = 1_000;
/** A via has at most 2,048 bytes. */
const MAX_PATH_CHARS = 2_048;
const PATH = /^\/(?:[a-z0-9\-._~!$&'()*+,;=:@[\]%]+\/)*$/;

/**
 * The form in which paths are compared across a fleet: lower-cased, without empty segments, with a slash at its end,
 * so that the longest prefix by characters is the longest by whole segments.
 */
export function pathKey({ segments }: EndpointAddress): string {
  return `/${segments.map((segment) => `${segmentKey(segment)}/`).join('')}`;
}

/**
 * The values of a machine, by the last part of their keys: `0` says what it is, and how many slices there are; each
 * has up to {@link SLICE_SIZE} paths.
 *
 * @param by who says so, for people
 */
export function writeMachine(
  { at, state, paths }: Machine,
  by?: string,
): ReadonlyMap<string, string> {
  const sorted = [...paths].sort();
  const count = Math.max(1, Math.ceil(sorted.length / SLICE_SIZE));
  return new Map(
    Array.from({ length: count }, (_, index) => {
      const slice = sorted.slice(index * SLICE_SIZE, (index + 1) * SLICE_SIZE);
      const value = index === 0 ? { at, by, state, slices: count, paths: slice } : { paths: slice };
      return [String(index), JSON.stringify(value)];
    }),
  );
}

/**
 * Reads what {@link writeMachine} wrote. A slice that is missing has no paths: the next message has it. What is no
 * path is left out.
 *
 * @returns `undefined` if it is no machine
 */
export function readMachine(values: ReadonlyMap<string, Untrusted>): Machine | undefined {
  const head = objectOf(values.get('0'));
  const { at, by, state, slices } = head;
  if (typeof at !== 'string' || !isPlace(at)) return undefined;
  if (state !== 'ready' && state !== 'leaving') return undefined;
  const count = typeof slices === 'number' ? Math.min(slices, MAX_SLICES) : 1;
  const paths = new Set<string>();
  for (let index = 0; index < count; index++) {
    const { paths: listed } = index === 0 ? head : objectOf(values.get(String(index)));
    for (const path of Array.isArray(listed) ? listed : []) {
      if (typeof path === 'string' && path.length <= MAX_PATH_CHARS && PATH.test(path)) {
        paths.add(path);
      }
    }
  }
  return { at, state, paths, by: typeof by === 'string' ? untrusted(by) : undefined };
}

/** Whether it is `HOST:PORT` with an IP address, written as {@link showEndpoint} writes it. */
export function isPlace(text: string): boolean {
  const place = placeOf(text);
  if (place === undefined || isIP(place.host) === 0) return false;
  return showEndpoint(place.host, place.port) === text;
}

function objectOf(text: Untrusted | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(rawText(text));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
