import { unbracketed } from '../../address.ts';
import type { Target } from './pools.ts';

/** A server as HAProxy has it. */
export interface ServerState {
  readonly backend: string;
  readonly at: string;
  /** Whether it takes connections: its check has not failed, and it was not taken out. */
  readonly isUp: boolean;
  /** Whether it was taken out, and waits for the end of its connections. */
  readonly isOut: boolean;
}

const FIELDS = 7;
const ADMIN_MAINTENANCE = 0x01;

/** Reads what `show servers state` says, version 1. */
export function readServers(text: string): readonly ServerState[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const [, backend, , name, , state, admin] = fields;
    if (fields.length < FIELDS || line.startsWith('#')) return [];
    if (backend === undefined || name === undefined) return [];
    const isOut = (Number(admin) & ADMIN_MAINTENANCE) !== 0;
    return [{ backend, at: placeOfServer(name), isUp: state !== '0', isOut }];
  });
}

/** Reads what `show map` says: the value of each path. */
export function readMap(text: string): ReadonlyMap<string, string> {
  return pairsOf(text.matchAll(/^0x[0-9a-f]+ (\S+) (\S+)$/gm));
}

/** Reads a map's file: the value of each path. */
export function readMapFile(text: string): ReadonlyMap<string, string> {
  return pairsOf(text.matchAll(/^(\/\S*) (\S+)$/gm));
}

function pairsOf(matches: Iterable<RegExpExecArray>): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, path, value] of matches) {
    if (path !== undefined && value !== undefined) values.set(path, value);
  }
  return values;
}

/** A machine's name as a server: HAProxy takes no brackets. */
export function serverName(at: string): string {
  return at.replaceAll(/[[\]]/g, '');
}

/** The machine behind a server's name. */
export function placeOfServer(name: string): string {
  const colon = name.lastIndexOf(':');
  const host = unbracketed(name.slice(0, colon));
  return host.includes(':') ? `[${host}]${name.slice(colon)}` : name;
}

/** A target as the map has it: `BACKEND`, or `BACKEND|SERVER`. */
export function mapValue({ backend, at }: Target): string {
  return at === undefined ? backend : `${backend}|${serverName(at)}`;
}
