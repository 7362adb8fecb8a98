// `front` as operators run it: a real etcd, a real HAProxy, calls through it, and what is typed wrong.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { etcdMissing, startEtcd } from '../../../scripts/fleet/etcd.ts';
import { freePort } from '../../../scripts/free-port.ts';
import type { Finished } from '../../../scripts/process.ts';
import { run } from '../../../scripts/run.ts';
import { EXIT_STATUS } from '../../../shared/errors.ts';
import { type MachineState, writeMachine } from '../../../shared/fleet/registry/machine.ts';
import { Registry } from '../../../shared/fleet/registry/registry.ts';
import { parseRegistry } from '../../../shared/fleet/registry/registry-address.ts';
import {
  CLIENT,
  Command,
  PORT_SHARING,
  program,
  runCommand,
  startService,
} from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';
import { eventually } from '../../helpers/eventually.ts';
import { loggedDaemon } from '../../helpers/logged-daemon.ts';

const missing =
  (await etcdMissing()) ??
  ((await run(['haproxy', '-v'])).status === 0
    ? undefined
    : 'HAProxy is not installed (Debian: apt-get install haproxy)');

/** A machine of which a publisher would speak (one on loopback it would not), a front, and a registry that is not there yet. */
async function stage(daemonOptions: readonly string[]) {
  const { directory } = await loggedDaemon(daemonOptions);
  const { port, number: salt } = await startService(directory);
  const at = `127.0.0.1:${port}`;
  const etcdPort = await freePort();
  const registry = new Registry({ address: parseRegistry(`etcd://127.0.0.1:${etcdPort}/t`) });
  onTestFinished(() => registry.close());
  const place = scratchDirectory();
  const frontPort = await freePort();
  const there = ['--haproxy', path.join(place, 'admin.sock'), '--directory', path.join(place, 'd')];
  const listen = ['--listen', `127.0.0.8:${frontPort}`];
  const printed = await runCommand(PORT_SHARING, ['front', '--print-config', ...there, ...listen]);
  expect(printed).toMatchObject({ status: 0, stderr: '' });
  const config = path.join(place, 'net-tcp.cfg');
  writeFileSync(config, printed.stdout);
  return {
    startFront: (...more: string[]): Command => {
      const words = ['front', '--registry', `etcd://127.0.0.1:${etcdPort}/t`, ...there, ...more];
      const front = new Command(PORT_SHARING, words);
      onTestFinished(async () => void (await front.end()));
      return front;
    },
    startRegistry: async (): Promise<void> => {
      const etcd = await startEtcd({ directory: scratchDirectory(), port: etcdPort });
      onTestFinished(async () => void (await etcd.end()));
    },
    startHaproxy: async (): Promise<void> => {
      const words = ['-W', '-f', config, '-f', path.join(place, 'd/backends.cfg')];
      await program(['haproxy', ...words], { isGroup: true }).said('Loading success');
    },
    say: async (state: MachineState): Promise<void> => {
      const slices = writeMachine({ at, state, paths: new Set([`/calculator/${salt}/`]) });
      const changes = [...slices].map(
        ([slice, text]) => [`machines/${at}/${slice}`, text] as const,
      );
      await registry.write(await registry.grant(300), new Map(changes));
    },
    call: (): Promise<Finished> =>
      runCommand(
        CLIENT,
        [salt, 'add', 100, 15.99, '--host', '127.0.0.8', '--port', frontPort].map(String),
      ),
  };
}

const TRUSTING = ['--trust-proxy', '127.0.0.1/32'] as const;

test('from nothing to calls through HAProxy, which goes on alone', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const { startFront, startRegistry, startHaproxy, say, call } = await stage(TRUSTING);
  // Neither the registry nor HAProxy is there yet.
  const first = startFront();
  await first.said(/The registry at .* cannot be reached[\s\S]*tried again/);
  await startRegistry();
  await say('ready');
  await first.said(/HAProxy[\s\S]*tried again/);
  await startHaproxy();
  await first.said('Machines: 1; paths: 1.');
  const answer = { status: 0, stdout: 'Add(100,15.99) = 115.99\n' };
  await eventually(async () => expect(await call()).toMatchObject(answer));

  first.kill('SIGTERM');
  expect(await first.finished).toMatchObject({ status: 0 });
  expect(await call()).toMatchObject(answer);
  const second = startFront('--json');
  await second.said('"applied"');
  expect(second.stdout).toBe('{"event":"applied","machines":1,"paths":1}\n');
  await say('leaving');
  await second.said('"paths":0');
  // No machine is left that could say that nobody has the path: the connection is closed.
  const closed = await call();
  expect(closed).toMatchObject({ status: EXIT_STATUS.Protocol, stdout: '' });
  expect(closed.stderr).toContain('it closed the connection without an answer');
  expect(closed.stderr).toContain('A load balancer ends a connection like this');
  second.kill('SIGKILL');
});

test('a front that no daemon trusts says so', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const { startFront, startRegistry, startHaproxy, say } = await stage([]);
  await startRegistry();
  await say('ready');
  const front = startFront();
  await front.said(/HAProxy[\s\S]*tried again/);
  await startHaproxy();
  await front.said(/The health checks of all machines fail.*trust it \(run --trust-proxy\)\?/);
});

const THERE = ['--haproxy', '/tmp/a.sock', '--directory', '/tmp/d'] as const;

test.for<[args: string[], text: string]>([
  [[], 'Say where HAProxy is: --haproxy'],
  [['--haproxy', '/tmp/a.sock'], '--directory'],
  [['--haproxy', '/tmp/a b', '--directory', '/tmp/d'], 'cannot name "/tmp/a b"'],
  [[...THERE], 'Say where the registry is'],
  [[...THERE, '--print-config', '--listen', '9000'], '"9000" is not a place to listen at'],
  [[...THERE, '--print-config', '--pools', '0'], '--pools'],
  [[...THERE, '--print-config', '--pools', 'many'], '--pools'],
  [[...THERE, '--registry', 'nonsense'], 'etcd://HOST:2379'],
  [[...THERE, '--at', '10.0.0.11:9000'], 'at'],
])('%j is refused with what to say', async ([args, text]) => {
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, ['front', ...args]);
  expect({ status, stdout }).toEqual({ status: EXIT_STATUS.Usage, stdout: '' });
  expect(stderr).toContain(text);
  expect(stderr).not.toContain('    at ');
});
