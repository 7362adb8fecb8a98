import path from 'node:path';
import { freePort } from '../../../scripts/free-port.ts';
import { output } from '../../../scripts/run.ts';
import { ROOT } from '../peers.ts';

const TOOL = path.join(ROOT, 'dist/shared/tool/main.cjs');

/** Where a service can be reached. */
export const PLACES = ['a port of its own', 'a shared port', 'behind a route'] as const;
export type Place = (typeof PLACES)[number];

/** A static route of the daemon that serves this process, at a port of its own. */
export interface Route {
  /** Address of the service at the route's port. */
  readonly address: string;
  remove(): Promise<void>;
}

/** Leads a port's path to a service on another port. @param address of the service; the daemon is started if none runs */
export async function routeTo(address: string): Promise<Route> {
  const { hostname, port, pathname } = new URL(address.replace('net.tcp:', 'http:'));
  const shared = String(await freePort());
  const route = (action: string, ...more: readonly string[]): Promise<string> =>
    output([process.execPath, TOOL, 'route', action, pathname, ...more, '--port', shared]);
  await route('add', `${hostname}:${port}`);
  await output([process.execPath, TOOL, 'start']);
  return {
    address: `net.tcp://${hostname}:${shared}${pathname}`,
    remove: async () => void (await route('remove')),
  };
}
