import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NetTcpError, systemCode } from '../../errors.ts';
import { type Paths, secureDirectory } from './paths.ts';

/** A path of a shared port that leads to a service which knows nothing of port sharing. */
export interface RouteEntry {
  /** `net.tcp` address that clients use: its port is the shared one, its path the prefix. */
  readonly address: string;
  /** Local addresses that it may be reached at; see `Registration.hosts`. */
  readonly hosts: readonly string[];
  /** Where the service listens: name or IP address, and port. */
  readonly host: string;
  readonly port: number;
}

/** Routes are kept until they are removed: beside the start type, not in the run directory. */
export function routesFile({ configDirectory }: Paths): string {
  return path.join(configDirectory, 'routes.json');
}

/** @throws {NetTcpError} `Communication` when there is a file and it cannot be understood */
export function readRoutes(paths: Paths): readonly RouteEntry[] {
  const file = routesFile(paths);
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(value) && value.every(isRoute)) return value;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
  }
  const text = `The file of static routes, ${file}, cannot be understood. Mend it, or remove it.`;
  throw new NetTcpError('Communication', text);
}

export function writeRoutes(paths: Paths, routes: readonly RouteEntry[]): void {
  secureDirectory(paths.configDirectory);
  const file = routesFile(paths);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(routes, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
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
