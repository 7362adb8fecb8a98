import { checkWhole } from '../command-line/command.ts';
import { NetTcpError } from '../errors.ts';
import { showProblem } from '../port-sharing/handshake/route-problem.ts';
import { readRoutes } from '../port-sharing/machine/routes-file.ts';
import { startDaemon } from '../port-sharing/service/start-daemon.ts';
import { connectAsTool, type Context } from './context.ts';
import { startDeadline } from './restart.ts';
import { addRoute, applyRoutes, removeRoute, showRoute } from './routes.ts';

export interface RouteArguments {
  readonly json: boolean;
  readonly action: 'add' | 'remove' | 'list';
  readonly path?: string | undefined;
  readonly target?: string | undefined;
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
    for (const entry of entries) terminal.out(json ? JSON.stringify(entry) : showRoute(entry));
    if (entries.length === 0 && !json) terminal.err('There are no routes.');
    return 0;
  }
  const { path, target, bind } = args;
  const port = checkWhole('--port', args.port, 1, 65_535);
  if (path === undefined || (args.action === 'add') !== (target !== undefined)) {
    const text = 'Say: route add /orders 127.0.0.1:9101, route remove /orders, or route list.';
    throw new NetTcpError('Usage', text);
  }
  const isAdded = target !== undefined;
  const entry = isAdded
    ? await addRoute(paths, { path, port, bind }, target)
    : removeRoute(paths, { path, port, bind });
  // A route is of use while the daemon runs; one that is removed wants none to be started.
  const running = await connectAsTool(paths);
  const link =
    running ??
    (isAdded ? await startDaemon(paths, () => connectAsTool(paths), startDeadline()) : undefined);
  const found = link === undefined ? [] : await applyRoutes(link);
  const own = found.find((problem) => isAdded && problem.address === entry.address);
  if (own !== undefined) {
    // It would fail again at each start of the daemon.
    removeRoute(paths, { path, port, bind });
    const text = `${showProblem(own).replace(/\.$/, '')}. The route was not added: choose another path or port.`;
    throw new NetTcpError(own.code, text, { reason: own.reason });
  }
  const problems = found.map((problem) => `Not in effect: ${showProblem(problem)}.`);
  if (json)
    terminal.out(JSON.stringify({ event: isAdded ? 'added' : 'removed', ...entry, problems }));
  else terminal.out(`${isAdded ? 'Added' : 'Removed'}: ${showRoute(entry)}`);
  for (const problem of problems) terminal.err(problem);
  return 0;
}
