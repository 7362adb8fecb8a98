// The log for programs: an object a line, the same events and details as in the text.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { formatEvent } from '../../../shared/port-sharing/machine/log-format.ts';
import { LOG_EVENTS } from '../../../shared/port-sharing/machine/log.ts';
import {
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';

const AS_JSON = { NET_TCP_PORT_SHARING_LOG_FORMAT: 'json' };

/** The objects of a log whose every line is one. */
const objectsOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('numbers stay numbers, and text stays on its line', () => {
  const hostile = '\u001b[2J\r\n\u202e\u2028"{}';
  const line = formatEvent('registered', { pid: 7, address: hostile }, 'json');
  expect(line).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u);
  expect(JSON.parse(line)).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    event: 'registered',
    pid: 7,
    address: hostile,
  });
});

test('run --log-format json: objects on standard error', async () => {
  const directory = privateDirectory();
  const daemon = new Command(PORT_SHARING, ['run', '--log-format', 'json'], { directory });
  await daemon.said('"started"');
  const { service, address } = await startService(directory);
  daemon.kill('SIGTERM');
  const { stderr } = await daemon.finished;
  const lines = objectsOf(stderr);
  for (const { event } of lines) expect(LOG_EVENTS).toContain(event);
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'started', pid: daemon.pid, transfer: expect.any(String) }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'registered', pid: service.pid, address }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ event: 'ended', pid: daemon.pid }));
});

test('the environment says it for a daemon that a service starts', async () => {
  const directory = privateDirectory();
  const service = new Command(SERVICE, ['--json', '--port', '0'], { directory, env: AS_JSON });
  await service.ready();
  const { pid } = await statusOf(directory);
  const file = path.join(directory, 'daemon.log');
  await eventually(() => expect(existsSync(file)).toBe(true));
  const lines = objectsOf(readFileSync(file, 'utf8'));
  expect(lines).toContainEqual(expect.objectContaining({ event: 'started', pid }));
  process.kill(pid, 'SIGTERM');
});

test.for([
  [['run', '--log-format', 'xml'], {}, 'xml'],
  [['run'], { NET_TCP_PORT_SHARING_LOG_FORMAT: 'xml' }, 'must be "text" or "json", not "xml"'],
  [['start'], { NET_TCP_PORT_SHARING_LOG_FORMAT: 'xml' }, 'must be "text" or "json", not "xml"'],
] as const)('%s %o: another format is refused', async ([args, env, said]) => {
  const directory = privateDirectory();
  const refused = await runCommand(PORT_SHARING, [...args], { directory, env });
  expect(refused).toMatchObject({ status: 64, stdout: '' });
  expect(refused.stderr).toContain(said);
});
