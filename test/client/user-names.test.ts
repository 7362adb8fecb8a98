// The commands with user names, and the places where no password, key or token may be.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Authority } from '../../scripts/certificates.ts';
import {
  CLIENT,
  privateDirectory,
  PORT_SHARING,
  runCommand,
  startService,
} from '../helpers/command.ts';
import { memoryHas } from '../helpers/memory.ts';

const PASSWORD = 'marker-4b1f6e2d-of-a-password';

interface Setting {
  readonly directory: string;
  readonly started: Awaited<ReturnType<typeof startService>>;
  /** A line of the service's private key. */
  readonly keyLine: string;
  readonly passwordFile: string;
  readonly client: (args: readonly string[], input?: string) => ReturnType<typeof runCommand>;
}

async function setting(env: NodeJS.ProcessEnv = {}): Promise<Setting> {
  const directory = privateDirectory();
  const ca = new Authority(directory);
  const { certificate, key } = ca.issue('service', { name: 'localhost' });
  const users = path.join(directory, 'users');
  const passwordFile = path.join(directory, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  const added = await runCommand(PORT_SHARING, ['user', 'add', 'dave', '--users', users], {
    input: `${PASSWORD}\n`,
  });
  expect(added).toMatchObject({ status: 0 });
  const security = ['--security', 'username', '--users', users];
  const files = ['--certificate', certificate, '--key', key];
  const started = await startService(directory, ['--port', '0', ...security, ...files], env);
  const client: Setting['client'] = (args, input = '') => {
    const { number, port } = started;
    const common = ['--port', port, '--security', 'username', '--ca', ca.path];
    return runCommand(CLIENT, [number, 'add', '1', '2', ...common, ...args], { input });
  };
  const [, keyLine = ''] = readFileSync(key, 'utf8').split('\n');
  return { directory, started, keyLine, passwordFile, client };
}

test('a password comes from a file, or is asked for', async () => {
  const { client, passwordFile } = await setting();
  const fromFile = await client(['--user', 'dave', '--password-file', passwordFile]);
  expect(fromFile).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n', stderr: '' });
  expect(await client(['--user', 'dave'], `${PASSWORD}\n`)).toMatchObject({ status: 0 });
  const wrong = await client(['--user', 'dave'], 'guess\n');
  expect(wrong).toMatchObject({ status: 86, stdout: '' });
  expect(wrong.stderr).toContain('refused the user name or the password');
});

test('a command line with what does not go together is refused', async () => {
  const { client, passwordFile } = await setting();
  const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [[], '--user'],
    [['--user', 'dave'], 'nothing was entered'],
    [['--user', 'dave', '--password-file', '/nowhere'], '/nowhere'],
    [['--user', 'dave', '--certificate', 'x'], '--certificate'],
    [['--user', 'dave', '--password-file', passwordFile, '--encoding', 'msgpack'], 'SOAP'],
  ];
  for (const [args, sentence] of cases) {
    const { stdout, status, stderr } = await client(args);
    expect(stdout).toBe('');
    expect(status).toBeGreaterThan(63);
    expect(stderr).toContain(sentence);
  }
});

describe.skipIf(!existsSync('/proc/self/mem'))('what must be nowhere', () => {
  test.for(['hand-over', 'relay'])(
    'passwords and keys are in no log, no status, and not in the memory of the daemon (%s)',
    async (transfer) => {
      const { client, directory, started, keyLine, passwordFile } = await setting({
        NET_TCP_PORT_SHARING_TRANSFER: transfer,
      });
      const answers = [
        await client(['--user', 'dave', '--password-file', passwordFile]),
        await client(['--user', 'erin', '--password-file', passwordFile]),
        await client(['--user', PASSWORD], 'guess\n'),
        await runCommand(PORT_SHARING, ['status', '--json'], { directory }),
        await runCommand(PORT_SHARING, ['status'], { directory }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([0, 86, 86, 0, 0]);
      const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
      const { stdout, stderr } = started.service;
      const said = [log, stdout, stderr, ...answers.flatMap((one) => [one.stdout, one.stderr])];
      const pid = Number(/ started pid=(\d+)/.exec(log)?.[1]);
      const found = memoryHas(pid, [PASSWORD, keyLine, 'net.tcp://localhost']);
      // The search must find what is known to be there.
      expect(found).toEqual(['net.tcp://localhost']);
      for (const marker of [PASSWORD, keyLine]) {
        expect(said.filter((text) => text.includes(marker))).toEqual([]);
      }
    },
  );
});
