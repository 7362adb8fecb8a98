import { ChannelFactory, ICalculator, NetTcpBinding } from '../../shared/index.ts';
import { type Finished, RunningProcess } from '../process.ts';
import { run } from '../run.ts';
import { removeDirectory, temporaryDirectory } from '../temporary.ts';
import type { Setting } from './case.ts';
import { checkSum, OPERANDS } from './contender.ts';
import { type BuiltPackage, environmentOf } from './package.ts';

export const BARE = 'node -e 0, to its end';
export const CLIENT = 'client N add 1 2, to its end';
export const SERVICE = 'service, daemon running, to ready';
export const SERVICE_AND_DAEMON = 'service and daemon, to ready';
export const DAEMON = 'daemon, by command, to ready';
export const AFTER_KILL = 'new connection after kill -9 of the daemon';

/** Milliseconds that the commands of a package take until they are ready, or have ended. */
export async function openStarts(suite: BuiltPackage): Promise<Setting> {
  const directory = temporaryDirectory();
  const lasting = startService(suite, directory);
  const { address } = await lasting.ready();
  const target = String(address);
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  await callOnce(factory, target);
  return {
    async turn() {
      const fresh = [temporaryDirectory(), temporaryDirectory()] as const;
      const figures = {
        [BARE]: await timeCommand([process.execPath, '-e', '0'], directory, ''),
        [CLIENT]: await timeCommand(
          suite.command('client', '--address', target, 'add', '1', '2'),
          directory,
          'Add(1,2) = 3\n',
        ),
        [SERVICE]: await timeService(suite, directory),
        [SERVICE_AND_DAEMON]: await timeService(suite, fresh[0]),
        [DAEMON]: await timeCommand(suite.command('tool', 'start'), fresh[1]),
        [AFTER_KILL]: await timeOutage(suite, directory, () => callOnce(factory, target)),
      };
      for (const used of fresh) await discard(suite, used);
      return figures;
    },
    async end() {
      factory.close();
      await lasting.stop('SIGTERM');
      await discard(suite, directory);
    },
  };
}

async function timeCommand(
  command: readonly string[],
  directory: string,
  wanted?: string,
): Promise<number> {
  const [tookMs, finished] = await timed(() => run(command, { env: environmentOf(directory) }));
  const isRight = finished.status === 0 && (wanted ?? finished.stdout) === finished.stdout;
  if (!isRight) throw new Error(`${command.slice(1).join(' ')} ${explain(finished)}`);
  return tookMs;
}

async function timeService(suite: BuiltPackage, directory: string): Promise<number> {
  const service = startService(suite, directory);
  const [tookMs] = await timed(() => service.ready());
  await service.end();
  return tookMs;
}

/** How long callers wait for a connection while there is no daemon. */
async function timeOutage(
  suite: BuiltPackage,
  directory: string,
  call: () => Promise<void>,
): Promise<number> {
  process.kill(await suite.daemonPid(directory), 'SIGKILL');
  const [tookMs] = await timed(call);
  return tookMs;
}

async function callOnce(factory: ChannelFactory<ICalculator>, address: string): Promise<void> {
  const channel = factory.createChannel(address.replace('localhost', '127.0.0.1'));
  checkSum(await channel.Add(...OPERANDS));
  // A connection that is kept would serve the next call without a daemon.
  channel.abort();
}

function startService(suite: BuiltPackage, directory: string): RunningProcess {
  const command = suite.command('service', '--port', '0', '--json');
  return new RunningProcess(command, { env: environmentOf(directory), shows: 'errors' });
}

async function discard(suite: BuiltPackage, directory: string): Promise<void> {
  await suite.stopDaemon(directory);
  removeDirectory(directory);
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [ms: number, result: T]> {
  const startedAt = performance.now();
  const result = await work();
  return [performance.now() - startedAt, result];
}

function explain({ status, signal, stdout, stderr }: Finished): string {
  return `ended with ${status ?? signal ?? 'no status'}, and said ${JSON.stringify(stdout + stderr)}`;
}
