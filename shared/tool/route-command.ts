import { checkWhole } from '../command-line.ts';
import { EXIT_STATUS, NetTcpError } from '../errors.ts';
import { readRoutes } from '../port-sharing/routes-file.ts';
import { startDaemon } from '../port-sharing/start-daemon.ts';
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
    for (const entry of readRoutes(paths))
      terminal.out(json ? JSON.stringify(entry) : showRoute(entry));
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
  const problems = link === undefined ? [] : await applyRoutes(link);
  if (json)
    terminal.out(JSON.stringify({ event: isAdded ? 'added' : 'removed', ...entry, problems }));
  else terminal.out(`${isAdded ? 'Added' : 'Removed'}: ${showRoute(entry)}`);
  for (const problem of problems) terminal.err(problem);
  return problems.length === 0 ? 0 : EXIT_STATUS.Communication;
}
