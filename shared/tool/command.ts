import { commandLine, exitStatuses, runCommand } from '../command-line/command.ts';
import { standardInput } from '../command-line/input.ts';
import { CLIENT_SECURITY } from '../command-line/security-options.ts';
import type { Terminal } from '../command-line/terminal.ts';
import { scanWords } from '../command-line/words.ts';
import { NetTcpError } from '../errors.ts';
import { logFormatFromEnvironment } from '../port-sharing/machine/log-format.ts';
import { parseLimits } from '../port-sharing/machine/environment/limits-variable.ts';
import { resolvePaths } from '../port-sharing/machine/paths.ts';
import { askStatus, type Context } from './context.ts';
import { Fronts } from '../transport/fronts/fronts.ts';
import { restart, setStartType, start, stopDaemon } from './daemon.ts';
import { decode } from './decode-command.ts';
import { FRONT_OPTIONS, OPTIONS, PUBLISH_OPTIONS, REGISTRY_OPTIONS } from './options.ts';
import { route } from './route.ts';
import { runHere } from './run.ts';
import { showStatus } from './status.ts';
import { user } from './user.ts';

/** `net-tcp-port-sharing`: manages the port-sharing daemon of this user. @returns exit status */
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
    const line = (await commandLine('net-tcp-port-sharing', argv, OPTIONS))
      .usage(
        '$0 <command>\n\nManages the daemon through which services of this user share TCP ports.',
      )
      .command(
        'status',
        'show the services that share ports, and their connections',
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
        'stop the daemon; services keep the connections that they have',
        (args) => args,
        action(stopDaemon),
      )
      .command(
        'restart',
        'let a new daemon take over; no connection is lost',
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
        'run the daemon in the foreground, with its log on standard error',
        (args) =>
          args
            .option('transfer', OPTIONS.transfer)
            .option('limit', OPTIONS.limit)
            .option('trust-proxy', OPTIONS['trust-proxy'])
            .option('log-file', OPTIONS['log-file'])
            .option('log-format', OPTIONS['log-format']),
        action((context, { transfer, limit, trustProxy, logFile, logFormat }) =>
          runHere(context, {
            transfer,
            overrides: parseLimits(limit.join(','), 'daemon'),
            fronts: trustProxy && Fronts.parse(trustProxy.join(',')),
            toFile: logFile === true,
            format: logFormat ?? logFormatFromEnvironment(),
          }),
        ),
      )
      .command(
        'metrics',
        "show the daemon's counters as Prometheus reads them",
        (args) => args.option('listen', OPTIONS.listen),
        action(async (context, { listen }) => {
          const { metrics } = await import('./metrics.ts');
          return await metrics(context, listen);
        }),
      )
      .command(
        'dashboard',
        'show what the daemon does as it does it, on a page for the browsers of this machine',
        (args) => args.option('listen', OPTIONS.listen),
        action(async (context, { listen }) => {
          const { dashboard } = await import('./dashboard.ts');
          return await dashboard(context, listen);
        }),
      )
      .command(
        'route [action] [path] [targets..]',
        'put services of other programs behind a path of a shared port: route add /orders 127.0.0.1:9101, route remove /orders, route list',
        (args) =>
          args
            .positional('action', { choices: ['add', 'remove', 'list'] as const })
            .positional('path', { type: 'string' })
            .positional('targets', { type: 'string', array: true, default: [] })
            .option('port', OPTIONS.port)
            .option('bind', OPTIONS.bind),
        action(route),
      )
      .command(
        'health [host]',
        'ask whether clients should be sent to a daemon, of this machine or another: for probes and checks',
        (args) =>
          args
            .positional('host', { type: 'string', default: 'localhost' })
            .option('port', OPTIONS.port),
        action(async (context, { host, port }) => {
          const { health } = await import('./health/health.ts');
          return await health(context, host, port);
        }),
      )
      .command(
        'decode [file]',
        'show what a capture holds (pcap, pcapng), or one direction of a stream, record by record; - is standard input',
        (args) => args.positional('file', { type: 'string' }).option('encoding', OPTIONS.encoding),
        action((context, { file, encoding }) => decode(context, file, encoding)),
      )
      .command(
        'user <action> <name>',
        'users of a service: user add dave --users FILE asks for a password',
        (args) =>
          args
            .positional('action', { choices: ['add'] as const, demandOption: true })
            .positional('name', { type: 'string', demandOption: true })
            .option('users', OPTIONS.users)
            .option('accounts', OPTIONS.accounts),
        action((context, options) => user(context, options, standardInput())),
      )
      .command(
        'import [source]',
        'write a typed contract, in TypeScript, from the metadata of a service: a .wsdl file, http://…?wsdl, net.tcp://…/mex',
        (args) =>
          args
            .positional('source', { type: 'string' })
            .option('out', OPTIONS.out)
            .option('other-hosts', OPTIONS['other-hosts'])
            .options(CLIENT_SECURITY),
        action(async (context, options) => {
          const { importMetadata } = await import('./import/import-command.ts');
          return await importMetadata(context, options, standardInput());
        }),
      )
      .command(
        'publish',
        'tell a registry what this machine serves, for fronts on other machines; it runs beside the daemon',
        (args) => args.options({ ...REGISTRY_OPTIONS, ...PUBLISH_OPTIONS }),
        action(async (context, options) => {
          const { publish } = await import('./fleet/publish.ts');
          return await publish(context, options, () => askStatus(context.paths));
        }),
      )
      .command(
        'front',
        'keep the HAProxy of this machine in step with the registry: one address for many machines',
        (args) =>
          args.options({ ...REGISTRY_OPTIONS, ...FRONT_OPTIONS }).option('listen', {
            type: 'string',
            describe: 'with --print-config: where clients connect to; the default is 0.0.0.0:9000',
          }),
        action(async (context, options) => {
          const { front } = await import('./fleet/front.ts');
          return await front(context, options);
        }),
      )
      .recommendCommands()
      .epilogue(exitStatuses());
    const { values, words } = scanWords(argv, OPTIONS, true);
    if (values !== undefined && words.length === 0) {
      if (values['json'] !== true) terminal.err(`${await line.getHelp()}\n`);
      throw new NetTcpError('Usage', 'Say what to do: one of the commands above.');
    }
    await line.parseAsync();
    return status;
  });
}
