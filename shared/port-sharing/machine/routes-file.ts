import path from 'node:path';
import { NetTcpError, systemCode } from '../../errors.ts';
import type { Paths } from './paths.ts';
import { readOwnFile } from './files/own-file.ts';
import { DIRECTORY_ADVICE } from './files/private-directory.ts';
import { environmentError } from '../../system-error.ts';
import { writeWhole } from './files/write-file.ts';

/** A path of a shared port that leads to a service that knows nothing of port sharing. */
export interface RouteEntry {
  /** `net.tcp` address that clients use: its port is the shared one, its path the prefix. */
  readonly address: string;
  /** Local addresses on which clients may reach it; see `Registration.hosts`. */
  readonly hosts: readonly string[];
  /** Where the service listens: name or IP address; and port. */
  readonly host: string;
  readonly port: number;
}

/** Routes are kept until they are removed: beside the start type, not in the run directory. */
function routesFile({ configDirectory }: Paths): string {
  return path.join(configDirectory, 'routes.json');
}

/** @throws {NetTcpError} `Communication` if there is a file and it cannot be read or understood */
export function readRoutes(paths: Paths): readonly RouteEntry[] {
  const file = routesFile(paths);
  let text: string;
  try {
    text = readOwnFile(file);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '')) return [];
    const what = `The file of static routes, ${file}, cannot be read`;
    throw environmentError(what, cause, DIRECTORY_ADVICE);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every(isRoute)) return value;
  } catch {
    // Not JSON.
  }
  throw new NetTcpError(
    'Communication',
    `The file of static routes, ${file}, is malformed. Repair it, or remove it.`,
  );
}

/** @throws {NetTcpError} `Communication` if it cannot be written; then it is as before */
export function writeRoutes(paths: Paths, routes: readonly RouteEntry[]): void {
  writeWhole(routesFile(paths), `${JSON.stringify(routes, undefined, 2)}\n`);
}

function isRoute(value: unknown): value is RouteEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { address, hosts, host, port } = value as Partial<Record<keyof RouteEntry, unknown>>;
  return (
    typeof address === 'string' &&
    Array.isArray(hosts) &&
    hosts.every((one) => typeof one === 'string') &&
    typeof host === 'string' &&
    Number.isInteger(port)
  );
}
