import { lookup } from 'node:dns/promises';
import { makeAddress, parseAddress, showEndpoint } from '../address.ts';
import { checkInteger, warn } from '../command-line/command.ts';
import { NetTcpError } from '../errors.ts';
import { showProblem } from '../port-sharing/handshake/route-problem.ts';
import { ANY_IPV4, ANY_IPV6, registrationHosts } from '../port-sharing/machine/hosts.ts';
import { expand } from '../port-sharing/machine/local-addresses.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import { readRoutes, type RouteEntry, writeRoutes } from '../port-sharing/machine/routes-file.ts';
import { applyRoutes, connectAsTool, type Context } from './context.ts';
import { startedDaemon } from './daemon.ts';
import { jsonLine, printable, rawText } from '../printable.ts';
import { toolCommand } from '../own-package.ts';

interface RouteArguments {
  readonly json: boolean;
  readonly action?: 'add' | 'remove' | 'list' | undefined;
  readonly path?: string | undefined;
  /** Of a route that is added: `host:port` of each service that it leads to. */
  readonly targets: readonly string[];
  readonly port: number;
  readonly bind?: string | undefined;
}

/** `net-tcp-port-sharing route add|remove|list`. @returns exit status */
export async function route(
  { paths, terminal, json }: Context,
  args: RouteArguments,
): Promise<number> {
  if (args.action === 'list') {
    const entries = readRoutes(paths);
    for (const entry of entries) terminal.out(json ? jsonLine(entry) : showRoute(entry));
    if (entries.length === 0 && !json) terminal.err('There are no routes.');
    return 0;
  }
  const { path, targets, bind } = args;
  const port = checkInteger('--port', args.port, 1, 65_535);
  if (
    args.action === undefined ||
    path === undefined ||
    (args.action === 'add') !== targets.length > 0
  ) {
    const text = 'Say: route add /orders 127.0.0.1:9101, route remove /orders, or route list.';
    throw new NetTcpError('Usage', text);
  }
  const isAdded = targets.length > 0;
  const entries = isAdded
    ? await addRoute(paths, { path, port, bind }, targets)
    : removeRoute(paths, { path, port, bind });
  // A route needs a running daemon; to remove one, none is started.
  const running = await connectAsTool(paths);
  const link = running ?? (isAdded ? await startedDaemon(paths) : undefined);
  const found = link === undefined ? [] : await applyRoutes(link);
  const isOwn = ({ address }: (typeof found)[number]): boolean =>
    address !== undefined && rawText(address) === entries[0]?.address;
  const own = isAdded ? found.find(isOwn) : undefined;
  if (own !== undefined) {
    // It would fail again at each start of the daemon.
    removeRoute(paths, { path, port, bind });
    const text = `${showProblem(own).replace(/\.$/, '')}. The route was not added: choose another path or port.`;
    throw new NetTcpError(own.code, text, { reason: own.reason });
  }
  const problems = found.map((problem) => `Not in effect: ${showProblem(problem)}.`);
  for (const entry of entries) {
    if (json) terminal.out(jsonLine({ event: isAdded ? 'added' : 'removed', ...entry, problems }));
    else terminal.out(`${isAdded ? 'Added' : 'Removed'}: ${showRoute(entry)}`);
  }
  for (const problem of problems) warn(problem, terminal, json);
  return 0;
}

interface RouteOptions {
  readonly path: string;
  /** The shared port. */
  readonly port: number;
  readonly bind: string | undefined;
}

/**
 * Adds a static route to the file of routes.
 *
 * @param targets `host:port`, IPv6 in brackets; a connection goes to the one with the fewest
 * @throws {NetTcpError} `Usage` for an invalid path or target, `AddressAlreadyInUse` for a route that exists
 */
async function addRoute(
  paths: Paths,
  { path, port, bind }: RouteOptions,
  targets: readonly string[],
): Promise<readonly RouteEntry[]> {
  const { uri } = makeAddress('localhost', port, segmentsOf(path));
  const hosts = await registrationHosts(bind);
  const entries = [...new Set(targets)].map((target) => ({
    address: uri,
    hosts,
    ...parseTarget(target),
  }));
  for (const entry of entries) {
    if (entry.port === port && (await isThisMachine(entry.host))) {
      throw new NetTcpError(
        'Usage',
        `A route leads to another service's port; ${showEndpoint(entry.host, port)} is the shared port itself.`,
      );
    }
  }
  const routes = readRoutes(paths);
  if (routes.some((route) => route.address.toLowerCase() === uri.toLowerCase())) {
    throw new NetTcpError(
      'AddressAlreadyInUse',
      `There is a route for ${uri} already. Remove it first.`,
    );
  }
  writeRoutes(paths, [...routes, ...entries]);
  return entries;
}

/** Removes a static route from the file of routes. @throws {NetTcpError} `Usage` if there is none */
function removeRoute(paths: Paths, { path, port }: RouteOptions): readonly RouteEntry[] {
  const { uri } = makeAddress('localhost', port, segmentsOf(path));
  const routes = readRoutes(paths);
  const found = routes.filter((route) => route.address.toLowerCase() === uri.toLowerCase());
  if (found.length === 0) {
    throw new NetTcpError(
      'Usage',
      `There is no route for ${uri}. See: ${toolCommand('route list')}`,
    );
  }
  writeRoutes(
    paths,
    routes.filter((route) => !found.includes(route)),
  );
  return found;
}

function showRoute({ address, host, port }: RouteEntry): string {
  return printable(`${address} → ${showEndpoint(host, port)}`, Infinity);
}

function segmentsOf(path: string): readonly string[] {
  const { segments } = parseAddress(`net.tcp://localhost/${path}`);
  if (segments.length > 0) return segments;
  throw new NetTcpError('Usage', 'A route needs a path, such as /orders.');
}

async function isThisMachine(host: string): Promise<boolean> {
  const own = expand([ANY_IPV4, ANY_IPV6]);
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.some(({ address }) => own.includes(address));
}

function parseTarget(target: string): { readonly host: string; readonly port: number } {
  if (/^(?:\[[^\]]+\]|[^:/]+):\d{1,5}$/.test(target)) {
    const { host, port } = parseAddress(`net.tcp://${target}/`);
    if (port > 0) return { host, port };
  }
  throw new NetTcpError('Usage', 'A route leads to host:port, such as 127.0.0.1:9101.');
}
