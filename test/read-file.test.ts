// Files that a user names: by mistake it may be a device that never ends.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/run.ts';
import { readFileUpTo, readUpTo } from '../shared/read-file.ts';
import { CLIENT, PORT_SHARING, SERVICE } from './helpers/command.ts';
import { scratchDirectory } from './helpers/directory.ts';

test('a file is read whole up to the limit, and a byte more is EFBIG', async () => {
  const file = path.join(scratchDirectory(), 'file');
  writeFileSync(file, 'x'.repeat(100_000));
  expect((await readFileUpTo(file, 100_000)).toString()).toBe('x'.repeat(100_000));
  await expect(readFileUpTo(file, 99_999)).rejects.toMatchObject({ code: 'EFBIG' });
});

test('of a stream without end no more is read than that', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 10;
      yield await Promise.resolve(new Uint8Array(10));
    }
  }
  await expect(readUpTo(endless(), 25)).rejects.toMatchObject({ code: 'EFBIG' });
  expect(given).toBe(30);
});

const ENDLESS = '/dev/zero';
const ofUser = ['--security', 'username', '--user', 'dave', '--password-file', ENDLESS];

test.for<[command: string, words: readonly string[], text: RegExp]>([
  [CLIENT, [...ofUser, '1'], /password file .* larger than such a file can be/],
  [
    CLIENT,
    ['--security', 'tls', '--ca', ENDLESS, '1'],
    /"\/dev\/zero" .* more than 67108864 bytes/,
  ],
  [
    SERVICE,
    ['--security', 'windows', '--keytab', ENDLESS],
    /"\/dev\/zero" .* more than 67108864 bytes/,
  ],
  [PORT_SHARING, ['import', ENDLESS], /maxMetadataBytes/],
  [PORT_SHARING, ['user', 'add', 'dave', '--users', ENDLESS], /larger than such a file can be/],
])('%s %j says so', async ([command, words, text], { skip }) => {
  if (process.platform === 'win32') skip('Windows has no device without end');
  const { status, stderr } = await run([process.execPath, command, ...words]);
  expect(stderr).toMatch(text);
  expect(stderr).not.toContain(' at ');
  expect(status).toBeGreaterThan(63);
});
