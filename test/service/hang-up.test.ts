// A terminal window is closed on a service.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive } from '../../scripts/proc.ts';
import { program, SERVICE } from '../helpers/command.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';
import { scratchDirectory } from '../helpers/directory.ts';
import { sleep } from '../../shared/time.ts';

// Of util-linux: it has a terminal for what it runs, and is the window here.
const SCRIPT = '/usr/bin/script';

test('a service whose terminal is closed tells its clients, and ends without a complaint', async () => {
  if (process.platform !== 'linux' || !existsSync(SCRIPT)) {
    return console.log(`not tested: there is no ${SCRIPT} of util-linux`);
  }
  const directory = scratchDirectory();
  const errors = path.join(directory, 'errors');
  const service = `exec ${process.execPath} ${SERVICE} --json --no-port-sharing --port 0 2>${errors}`;
  const window = program([SCRIPT, '-qc', service, '/dev/null']);
  const { address, pid } = (await window.ready()) as { address: string; pid: number };
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });

  const client = new RawClient(new URL(address.replace('net.tcp', 'http')).port);
  client.send(preamble(address));
  await client.expect('preamble-ack');
  window.kill('SIGKILL');
  await client.expect('end');
  client.socket.end();
  while (isAlive(pid)) await sleep(5);
  expect(readFileSync(errors, 'utf8')).toBe('');
});
