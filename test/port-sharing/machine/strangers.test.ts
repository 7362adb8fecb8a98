// A port that is somebody else's, a directory that is used in two networks, a runtime that cannot take connections.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../../scripts/run.ts';
import { RunningProcess } from '../../../scripts/process.ts';
import { checkRuntime } from '../../../shared/port-sharing/machine/load-native.ts';
import { adviceOnPort, ownersOfPort } from '../../../shared/transport/port-owner.ts';
import { privateDirectory, runCommand, SERVICE, startService } from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const STRANGER = 54_323;

test.runIf(process.platform === 'linux')('the owner of a listening port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(ownersOfPort(port)).toEqual([process.getuid?.()]);
  server.close();
  await once(server, 'close');
  expect(ownersOfPort(port)).toEqual([]);
});

test('only those who listen are owners, in both families', () => {
  const directory = scratchDirectory();
  const head =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n';
  const line = (local: string, state: string, uid: number): string =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 801666 1\n`;
  const [four, six] = [path.join(directory, 'tcp'), path.join(directory, 'tcp6')];
  writeFileSync(
    four,
    head +
      line('0100007F:2328', '0A', 7) +
      line('0100007F:2328', '01', 8) +
      line('0100007F:2329', '0A', 9),
  );
  writeFileSync(six, head + line('00000000000000000000000001000000:2328', '0A', 10));
  expect(ownersOfPort(9000, [four, six])).toEqual([7, 10]);
  expect(ownersOfPort(9000, [path.join(directory, 'missing')])).toEqual([]);
  expect(adviceOnPort(1)).toContain('a program that does not share it');
});

test("another user's port is said to be that", async ({ skip }) => {
  if (!isLinuxRoot) skip('only root on Linux can be another user');
  const script = `process.setgroups([]); process.setgid(${STRANGER}); process.setuid(${STRANGER});
    const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port));`;
  const other = new RunningProcess([process.execPath, '-e', script]);
  onTestFinished(async () => void (await other.end()));
  const port = await other.nextLine();
  const directory = privateDirectory();
  const { status, stderr } = await runCommand(SERVICE, ['--port', port], { directory });
  expect(status).toBe(73);
  expect(stderr).toContain(`The port belongs to user ${STRANGER}, and this is user 0.`);
  expect(stderr).toContain('route add');
  expect(stderr).not.toContain('end that program');
});

test('a service in another network does not say that it listens', async ({ skip }) => {
  if (!isLinuxRoot || (await run(['unshare', '--net', 'true'])).status !== 0) {
    skip('only root on Linux can make another network');
  }
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const command = [process.execPath, path.resolve(SERVICE), '--port', port];
  const env = { ...process.env, NET_TCP_PORT_SHARING_DIR: directory };
  const found = await run(['unshare', '--net', ...command], { env, deadlineMs: 50_000 });
  expect(found).toMatchObject({ status: 74, stdout: '' });
  expect(found.stderr).toContain('is in another network of this machine');
  expect(found.stderr).toContain('NET_TCP_PORT_SHARING_DIR');
});

test.for([
  [{ node: '22.0.0', bun: '1.2.0' }, 'Bun 1.2.0'],
  [{ node: '22.0.0', deno: '2.1.0' }, 'Deno 2.1.0'],
] as const)('%o: a shared port is refused, by name', ([versions, name]) => {
  expect(() => checkRuntime(versions)).toThrow(`A service on ${name} cannot share a port`);
  expect(() => checkRuntime({ node: process.versions.node })).not.toThrow();
});
