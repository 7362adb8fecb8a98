// What an operator reads: one line for each event, whatever peers put into it.
import { expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../../shared/port-sharing/handshake/messages.ts';
import { PORT_SHARING, runCommand, startService } from '../../helpers/command.ts';
import { Control, HELLO } from '../../helpers/control.ts';
import { eventually } from '../../helpers/eventually.ts';
import { loggedDaemon } from '../../helpers/logged-daemon.ts';
import { preamble, RawClient } from '../../helpers/network/raw-client.ts';

const HOSTILE = '\u001b[2J\r\nroot: all is well\u202e\u0000';

/** A daemon that logs, and who speaks to it. */
async function daemon(limits: readonly string[] = []) {
  const started = await loggedDaemon(limits.flatMap((limit) => ['--limit', limit]));
  /** Says `messages` on the control socket. */
  const say = (...messages: readonly object[]): void =>
    void new Control(started.directory).say(...messages);
  return { ...started, say };
}

function register(address: string): object {
  return { type: 'register', request: 1, address, hosts: ['127.0.0.1'], queueLength: 1 };
}

test('a line for whoever comes, goes, and is refused, and why', async () => {
  const { command, directory, logged } = await daemon(['recoveryGraceMs=1']);
  const { service, port, address } = await startService(directory);
  await logged(/ listening on=127\.0\.0\.1:\d+$/);
  await logged(new RegExp(` registered pid=${service.pid} address=${address} hosts=\\S+$`));
  const number = address.split('/').at(-1) ?? '';
  const second = await runCommand('dist/service/main.cjs', ['--port', port, '--salt', number], {
    directory,
  });
  expect(second.status).not.toBe(0);
  await logged(
    / registration refused pid=\d+ address=\S+ status=conflicting-registration reason=".+"$/,
  );
  const stranger = new RawClient(port);
  stranger.send(preamble(`net.tcp://localhost:${port}/nobody`));
  await stranger.expect('fault');
  await logged(/ connection refused from=\S+ port=\d+ via=\S+\/nobody reason=".+"$/);
  service.kill('SIGTERM');
  await service.finished;
  await logged(new RegExp(` unregistered pid=${service.pid} address=${address}$`));
  await logged(new RegExp(` service left pid=${service.pid} registrations=1`));
  await logged(/ stopped listening on=127\.0\.0\.1:\d+$/);
  command.kill('SIGTERM');
  await command.finished;
  await logged(/ stopping reason="stopped by a signal"$/);
  await logged(/ ended pid=\d+ reason=".+"$/);
});

test('a line for the start, which says why connections are relayed', async () => {
  const { logged } = await loggedDaemon(['--transfer', 'relay']);
  await logged(
    / started pid=\d+ version=\S+ transfer=relay because="NET_TCP_PORT_SHARING_TRANSFER is relay"$/,
  );
});

test('a line for a limit that is reached', async () => {
  const { directory, logged, say } = await daemon([
    'silentAfterMs=1',
    'maxPendingPreambles=0',
    'earlyDropPreambles=0',
    'helloTimeoutMs=500',
    'maxRegistrationsPerService=1',
    'maxControlMessageBytes=2000',
  ]);
  const { port } = await startService(directory);
  new RawClient(port); // says nothing
  say(HELLO, register('net.tcp://localhost:0/x'), register('net.tcp://localhost:0/y'));
  say();
  say({ type: 'hello', text: 'x'.repeat(3_000) });
  await logged(/ connection refused .*reason="too many connections have sent no preamble"$/);
  await logged(/ registration refused .*status=quota-exceeded reason=".+"$/);
  await logged(/ control connection refused reason="no hello in time"$/);
  await logged(/ control connection refused reason="a control message is too long"$/);
});

test('a line for a daemon that takes over, and one that is replaced', async () => {
  const { directory, logged } = await daemon();
  await startService(directory);
  expect(await runCommand(PORT_SHARING, ['restart'], { directory })).toMatchObject({ status: 0 });
  await logged(/ started pid=\d+ .*inPlaceOf=\d+$/);
  await logged(/ replaced by=\d+$/);
  await logged(/ giving way reason=".+"$/);
});

test('a line for a listening socket that was taken over from a service', async () => {
  const { command, directory, logged } = await daemon();
  const { service } = await startService(directory);
  command.kill('SIGKILL');
  await logged(new RegExp(` took over listener=\\S+ pid=${service.pid}$`));
});

test('what peers say stays within its line, and is printable', async () => {
  const { read, logged, say, directory } = await daemon();
  const { port } = await startService(directory);
  say({ ...HELLO, protocol: PROTOCOL_VERSION + 1, version: HOSTILE });
  say(HELLO, register(HOSTILE));
  say({ type: HOSTILE });
  const client = new RawClient(port);
  client.send(preamble(`net.tcp://localhost:${port}/${HOSTILE}`));
  await logged(/ version unsupported /);
  await logged(/ registration refused .*status=invalid-argument/);
  await logged(/ control connection refused reason="not a message: /);
  await logged(/ connection refused from=/);
  const lines = read().trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \P{C}+$/u);
  expect(lines.filter((line) => line.startsWith('root:'))).toEqual([]);
});

test('a flood is a few lines, and the next says how many there were', async () => {
  const { read, logged, say } = await daemon();
  for (let count = 0; count < 60; count++) say({ type: 'nothing' });
  await logged(/ control connection refused /);
  await eventually(() => {
    say({ type: 'nothing' });
    expect(read()).toMatch(/ control connection refused .*leftOut=\d+/);
  });
  const lines = read()
    .split('\n')
    .filter((line) => line.includes('control connection refused'));
  expect(lines.length).toBeLessThan(30);
});
