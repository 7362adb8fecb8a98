// `--security windows`, as users of the commands have it: with accounts, because those need no KDC.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import { accountValue } from '../../../shared/security/accounts.ts';
import { ntHash } from '../../../shared/security/negotiate/ntlm/hashes.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../../helpers/command.ts';
import { hex } from '../../helpers/octets.ts';

const MARKER = 'marker-of-a-password';
const HASH = hex(ntHash(MARKER));
const CAROL = ['--security', 'windows', '--user', 'DOM\\carol'];

function secrets(): { readonly accounts: string; readonly password: string } {
  const directory = temporaryDirectory();
  const accounts = join(directory, 'accounts');
  const password = join(directory, 'password');
  writeFileSync(accounts, `DOM\\carol:${accountValue(ntHash(MARKER))}\n`);
  writeFileSync(password, `${MARKER}\n`);
  return { accounts, password };
}

test.for([
  ['alone', ['--no-port-sharing'], {}],
  ['handed over', [], {}],
  ['relayed', [], { NET_TCP_PORT_SHARING_TRANSFER: 'relay' }],
] as const)('carol calls a service %s, and nothing shows her password', async ([, words, env]) => {
  const { accounts, password } = secrets();
  const directory = privateDirectory();
  const secured = ['--port', '0', '--security', 'windows', '--accounts', accounts, ...words];
  const { service, number, port } = await startService(directory, secured, env);
  const call = (...more: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(CLIENT, ['--port', port, ...CAROL, ...more, number, 'add', '100', '15.99'], {
      input: `${MARKER}\n`,
    });
  for (const encoding of ['msgpack', 'soap']) {
    const answered = await call('--encoding', encoding, '--password-file', password);
    expect(answered).toMatchObject({ status: 0, stderr: '' });
    expect(answered.stdout).toContain('115.99');
  }
  // Without a file the password is the next line of a pipe.
  expect(await call()).toMatchObject({ status: 0 });

  writeFileSync(password, 'guess\n');
  const refused = await call('--password-file', password);
  expect(refused).toMatchObject({ status: 85 });
  expect(refused.stderr).toContain('The service rejected the credential of the client.');

  const plain = await runCommand(CLIENT, ['--port', port, number]);
  expect(plain.status).not.toBe(0);
  const status = await runCommand(PORT_SHARING, ['status', '--json'], { directory });
  service.kill('SIGTERM');
  await service.finished;
  const isShared = words.length === 0;
  const log = isShared ? readFileSync(join(directory, 'daemon.log'), 'utf8') : '';
  const shown = [
    service.stdout,
    service.stderr,
    refused.stdout,
    refused.stderr,
    status.stdout,
    log,
  ];
  for (const secret of [MARKER, HASH]) expect(shown.join()).not.toContain(secret);
});

test.for<[string, readonly string[], RegExp]>([
  [SERVICE, ['--security', 'windows'], /needs the file of a keytab, .* or of accounts/],
  [SERVICE, ['--keytab', 'x'], /--keytab goes with --security windows only/],
  [SERVICE, ['--allow', 'alice'], /--allow needs to know who calls/],
  [SERVICE, ['--security', 'windows', '--keytab', 'x', '--allow', ''], /--allow needs a value/],
  [CLIENT, ['--user', 'alice', '1'], /--user goes with --security windows or username only/],
  [
    CLIENT,
    ['--security', 'windows', '--password-file', 'x', '1'],
    /--password-file needs a user name/,
  ],
  [CLIENT, [...CAROL, '--password-file', '/nonexistent', '1'], /cannot be read/],
  [CLIENT, [...CAROL, '1'], /nothing was entered/],
])('%s %s is refused with what to say', async ([command, words, why]) => {
  const run = await runCommand(command, words);
  expect(run.status).not.toBe(0);
  expect(run.stderr).toMatch(why);
});
