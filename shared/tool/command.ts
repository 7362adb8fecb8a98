import { commandLine, exitStatuses, runCommand } from '../command-line.ts';
import { NetTcpError } from '../errors.ts';
import { type Limits, withLimits } from '../limits.ts';
import type { Terminal } from '../terminal.ts';
import { activatedDescriptors } from '../port-sharing/activation.ts';
import type { DaemonStatus } from '../port-sharing/control-protocol.ts';
import type { DaemonLink } from '../port-sharing/daemon-link.ts';
import { formatEvent, type Log, openLogFile } from '../port-sharing/log.ts';
import { type Paths, resolvePaths } from '../port-sharing/paths.ts';
import { runDaemon } from '../port-sharing/run-daemon.ts';
import { limitsFromEnvironment, parseLimits } from '../port-sharing/settings.ts';
import { startDaemon } from '../port-sharing/start-daemon.ts';
import { readStartType, type StartType, writeStartType } from '../port-sharing/start-type.ts';
import { connectAsTool, type Context } from './context.ts';
import { decode } from './decode-command.ts';
import { OPTIONS } from './options.ts';
import { route } from './route-command.ts';
import { replaceDaemon, startDeadline } from './restart.ts';
import { formatStatus } from './status.ts';
import { TRANSFER_VARIABLE } from '../port-sharing/transfer.ts';

const WATCH_MS = 1_000;

/** `net-tcp-port-sharing`: looks after the port-sharing daemon of this user. @returns exit status */
export function run(
  argv: readonly string[],
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  return runCommand(argv, terminal, async () => {
    const paths = resolvePaths();
    let status = 0;
    const action =
      <O extends { readonly json: boolean }>(
        act: (context: Context, options: O) => Promise<number>,
      ) =>
      async (options: O): Promise<void> => {
        status = await act({ paths, terminal, stop, json: options.json }, options);
      };
    await (
      await commandLine('net-tcp-port-sharing', argv, OPTIONS)
    )
      .usage(
        '$0 <command>\n\nLooks after the daemon through which services of this user share TCP ports.',
      )
      .command(
        'status',
        'show who listens, and what became of their connections',
        (args) => args.option('watch', OPTIONS.watch),
        action((context, { watch }) => showStatus(context, watch === true)),
      )
      .command(
        'start',
        'start the daemon; services do so by themselves',
        (args) => args,
        action(start),
      )
      .command(
        'stop',
        'end the daemon; services go on with the connections that they have',
        (args) => args,
        action(stopDaemon),
      )
      .command(
        'restart',
        'let a new daemon take over; nobody notices',
        (args) => args,
        action(restart),
      )
      .command(
        'enable',
        'let services start the daemon (the default)',
        (args) => args,
        action((context) => setStartType(context, 'demand')),
      )
      .command(
        'disable',
        'keep services from starting the daemon',
        (args) => args,
        action((context) => setStartType(context, 'disabled')),
      )
      .command(
        'run',
        'be the daemon, in the foreground, and log to standard error',
        (args) =>
          args
            .option('transfer', OPTIONS.transfer)
            .option('limit', OPTIONS.limit)
            .option('log-file', OPTIONS['log-file']),
        action((context, { transfer, limit, logFile }) =>
          runHere(context, transfer, parseLimits(limit.join(',')), logFile === true),
        ),
      )
      .command(
        'route <action> [path] [target]',
        'services that are not ours, behind a path of a shared port: route add /orders 127.0.0.1:9101, route remove /orders, route list',
        (args) =>
          args
            .positional('action', {
              choices: ['add', 'remove', 'list'] as const,
              demandOption: true,
            })
            .positional('path', { type: 'string' })
            .positional('target', { type: 'string' })
            .option('port', OPTIONS.port)
            .option('bind', OPTIONS.bind),
        action(route),
      )
      .command(
        'decode <file>',
        'show one direction of a captured net.tcp stream record by record; - is standard input',
        (args) =>
          args
            .positional('file', { type: 'string', demandOption: true })
            .option('encoding', OPTIONS.encoding),
        action((context, { file, encoding }) => decode(context, file, encoding)),
      )
      .demandCommand(1, 'Say what to do')
      .epilogue(exitStatuses())
      .parseAsync();
    return status;
  });
}

async function showStatus(
  { paths, terminal, stop, json }: Context,
  watch: boolean,
): Promise<number> {
  const end = AbortSignal.any([stop, terminal.lost]);
  for (;;) {
    const status = await askStatus(paths);
    const startType = readStartType(paths);
    if (watch && !json && terminal.isScreen) terminal.write('\x1b[H\x1b[2J');
    if (json) terminal.out(JSON.stringify({ running: status !== undefined, startType, ...status }));
    else for (const line of formatStatus(status, startType, paths)) terminal.out(line);
    if (!watch) return 0;
    await sleep(WATCH_MS, end);
    if (end.aborted) return 0;
  }
}

async function askStatus(paths: Paths): Promise<DaemonStatus | undefined> {
  const link = await connectAsTool(paths);
  if (link === undefined) return undefined;
  return await new Promise((resolve) => {
    link.control.onMessage = (message) => {
      if (message.type !== 'status') return;
      link.control.close();
      resolve(message.status);
    };
    link.control.onClose = () => resolve(undefined);
    link.control.send({ type: 'status' });
  });
}

async function start({ paths, terminal, json }: Context): Promise<number> {
  const connect = (): Promise<DaemonLink | undefined> => connectAsTool(paths);
  const running = await connect();
  let link = running;
  for (const deadline = startDeadline(); link === undefined;) {
    link = await startDaemon(paths, connect, deadline);
  }
  link.control.close();
  const { pid } = link.welcome;
  if (json) terminal.out(JSON.stringify({ event: 'started', pid, already: running !== undefined }));
  else if (running === undefined) terminal.out(`The port-sharing daemon was started (pid ${pid}).`);
  else terminal.out(`The port-sharing daemon is running already (pid ${pid}).`);
  return 0;
}

async function restart(context: Context): Promise<number> {
  const { paths, terminal, json } = context;
  const running = await askStatus(paths);
  if (running === undefined) return await start(context);
  const old = running.pid;
  if (isSystemds(running)) {
    const text = `The port-sharing daemon (pid ${old}) is systemd's, which would not know of another one. Nobody is refused either with: systemctl --user restart net-tcp-port-sharing.service`;
    throw new NetTcpError('Usage', text);
  }
  const pid = await replaceDaemon(paths, old, () => connectAsTool(paths));
  if (json) terminal.out(JSON.stringify({ event: 'restarted', pid, inPlaceOf: old }));
  else terminal.out(`A new port-sharing daemon (pid ${pid}) has taken over from pid ${old}.`);
  return 0;
}

async function stopDaemon({ paths, terminal, json }: Context): Promise<number> {
  const status = await askStatus(paths);
  const link = await connectAsTool(paths);
  if (link === undefined || status === undefined) {
    if (json) terminal.out(JSON.stringify({ event: 'stopped', running: false }));
    else terminal.out('No port-sharing daemon is running.');
    return 0;
  }
  const ended = new Promise<void>((resolve) => (link.control.onClose = () => resolve()));
  link.control.send({ type: 'stop' });
  await ended;
  const services = status.registrations.length;
  const isKept = isSystemds(status);
  if (json) terminal.out(JSON.stringify({ event: 'stopped', running: true, services }));
  else {
    terminal.out(`The port-sharing daemon (pid ${status.pid}) has ended.`);
    if (isKept) {
      terminal.out(
        'systemd starts another one. To end it for good: systemctl --user stop net-tcp-port-sharing.socket net-tcp-port-sharing.service',
      );
    } else if (services > 0) {
      terminal.out(
        `${services} ${services === 1 ? 'endpoint is' : 'endpoints are'} out of reach for new clients until: net-tcp-port-sharing start`,
      );
    }
  }
  return 0;
}

/** Whether systemd keeps its listening sockets, and starts another when it ends. */
function isSystemds({ activated = [] }: DaemonStatus): boolean {
  return activated.length > 0;
}

async function setStartType({ paths, terminal, json }: Context, type: StartType): Promise<number> {
  writeStartType(paths, type);
  if (json) terminal.out(JSON.stringify({ event: 'start-type', startType: type }));
  else {
    terminal.out(
      type === 'demand'
        ? 'Port sharing is enabled: the first service that shares a port starts the daemon.'
        : 'Port sharing is disabled: services do not start the daemon. One that is running goes on: net-tcp-port-sharing stop',
    );
  }
  return await Promise.resolve(0);
}

async function runHere(
  { paths, terminal, stop }: Context,
  transfer: string | undefined,
  overrides: Partial<Limits>,
  toFile: boolean,
): Promise<number> {
  if (transfer !== undefined) process.env[TRANSFER_VARIABLE] = transfer;
  const limits = { ...limitsFromEnvironment(), ...overrides };
  const log: Log = toFile
    ? openLogFile(paths.log, withLimits(limits).maxLogBytes)
    : { write: (event, details) => terminal.err(formatEvent(event, details)) };
  // In the foreground it stays until it is told to end, unless a limit says otherwise.
  const sockets = activatedDescriptors(process.env, process.pid);
  await runDaemon({
    paths,
    log,
    limits: { idleExitMs: NEVER_MS, ...limits },
    signal: stop,
    sockets,
  });
  return 0;
}

const NEVER_MS = 0x7fff_ffff;

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
