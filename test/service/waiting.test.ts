// What people are told while they wait: a service that does not listen yet, a client that was refused.
import { networkInterfaces } from 'node:os';
import { Chalk } from 'chalk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../scripts/free-port.ts';
import { CLIENT, privateDirectory, runCommand, startService } from '../helpers/command.ts';
import { run } from '../../service/service.ts';
import type { Terminal } from '../../shared/command-line/terminal.ts';
import { eventually } from '../helpers/eventually.ts';
import { statusOf } from '../helpers/status.ts';

/** A person's screen. */
function screen(lines: string[]): Terminal {
  return {
    out: (line) => lines.push(line),
    write: (text) => lines.push(text),
    err: (line) => lines.push(line),
    paint: new Chalk({ level: 0 }),
    columns: 80,
    lost: new AbortController().signal,
    written: () => Promise.resolve(undefined),
  };
}

test('a service whose daemon is slow says that it still waits, and does not blame the port alone', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const { pid } = await statusOf(directory);
  vi.stubEnv('NET_TCP_PORT_SHARING_DIR', directory);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    process.kill(pid, 'SIGCONT');
  });
  const stop = new AbortController();
  for (const isSlow of [false, true]) {
    if (isSlow) process.kill(pid, 'SIGSTOP');
    const lines: string[] = [];
    const ended = run(['--port', port], screen(lines), stop.signal);
    if (isSlow) {
      await eventually(() => expect(lines).toHaveLength(1));
      expect(lines[0]).toBe(
        `Still waiting to listen on port ${port}: another program has it, or the port-sharing daemon is slow to answer.`,
      );
      process.kill(pid, 'SIGCONT');
    }
    await eventually(() => expect(lines.join('\n')).toContain('listening on'));
    if (!isSlow) continue;
    stop.abort();
    expect(await ended).toBe(0);
  }
});

const BIND = 'A service that was started without --bind is reached from its own machine only.';

test('a client refused at another address than loopback is told of --bind, and at loopback not', async ({
  skip,
}) => {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (outside === undefined) return skip('there is no address beyond loopback');
  const port = await freePort();
  for (const [host, isTold] of [
    [outside.address, true],
    ['127.0.0.1', false],
    ['localhost', false],
  ] as const) {
    const address = `net.tcp://${host}:${port}/calculator/1`;
    const { status, stderr } = await runCommand(CLIENT, ['--address', address, 'add', '1', '2']);
    expect(status, host).not.toBe(0);
    expect(stderr.includes(BIND), host).toBe(isTold);
  }
});
