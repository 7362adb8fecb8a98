// `publish` as operators run it: a real daemon, a real etcd, and what is typed wrong.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Authority } from '../../../scripts/certificates.ts';
import { etcdMissing, type EtcdOptions, startEtcd } from '../../../scripts/fleet/etcd.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { EXIT_STATUS } from '../../../shared/errors.ts';
import { Gateway, type RegistryAccess } from '../../../shared/fleet/registry/gateway.ts';
import { readMachine } from '../../../shared/fleet/registry/machine.ts';
import { Registry } from '../../../shared/fleet/registry/registry.ts';
import { parseRegistry } from '../../../shared/fleet/registry/registry-address.ts';
import { Command, PORT_SHARING, runCommand, SERVICE } from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';
import { eventually } from '../../helpers/eventually.ts';
import { loggedDaemon } from '../../helpers/logged-daemon.ts';

const missing = await etcdMissing();
/** An address for documentation: nobody has it, and what listens everywhere is reached there for all that is known. */
const HOST = '198.51.100.1';

async function etcd(options: Partial<EtcdOptions> = {}): Promise<EtcdOptions> {
  const place = { directory: scratchDirectory(), port: await freePort(), ...options };
  const started = await startEtcd(place);
  onTestFinished(async () => void (await started.end()));
  return place;
}

function registryOf({ port }: EtcdOptions, more: Partial<RegistryAccess> = {}): Registry {
  const registry = new Registry({ address: parseRegistry(`etcd://127.0.0.1:${port}/t`), ...more });
  onTestFinished(() => registry.close());
  return registry;
}

/** What the registry has of a machine: its state and its paths. */
async function published(registry: Registry, at: string): Promise<unknown> {
  const { values } = await registry.read(`machines/${at}/`);
  const slices = [...values].map(([key, value]) => [key.split('/').at(-1) ?? '', value] as const);
  const machine = readMachine(new Map(slices));
  return machine && { state: machine.state, paths: [...machine.paths] };
}

/** A machine: a daemon, and a service that others reach. */
async function machine() {
  const { directory } = await loggedDaemon();
  const port = await freePort();
  const service = async (salt: number, ...words: string[]): Promise<Command> => {
    const all = ['--salt', salt, '--port', port, '--json', ...words].map(String);
    const started = new Command(SERVICE, all, { directory });
    onTestFinished(async () => void (await started.end()));
    await started.said('"listening"');
    return started;
  };
  const at = `${HOST}:${port}`;
  const publish = (...words: string[]): Command => {
    const started = new Command(PORT_SHARING, ['publish', '--at', at, ...words], { directory });
    onTestFinished(async () => void (await started.end()));
    return started;
  };
  return { directory, at, service, publish };
}

const EVERYWHERE = ['--bind', '0.0.0.0', '--security', 'none'] as const;

test('a machine is published from when the registry is there until it leaves', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const { at, service, publish } = await machine();
  await service(1, ...EVERYWHERE);
  const port = await freePort();
  const words = ['--registry', `etcd://127.0.0.1:${port}/t`];
  const first = publish(...words);
  await first.said(/cannot be reached.*tried again/);
  const registry = registryOf(await etcd({ port }));
  await first.said(`${at}: 1 endpoint published.`);
  await first.said(`The registry at 127.0.0.1:${port} can be reached again.`);
  const one = { state: 'ready', paths: ['/calculator/1/'] };
  expect(await published(registry, at)).toEqual(one);

  await service(2, ...EVERYWHERE);
  await first.said(`${at}: 2 endpoints published.`);
  // It is gone without a word: what it has published stays, and the next one takes it over.
  first.kill('SIGKILL');
  await first.finished;
  const two = { state: 'ready', paths: ['/calculator/1/', '/calculator/2/'] };
  expect(await published(registry, at)).toEqual(two);
  const second = publish(...words, '--json');
  await second.said('"published"');
  expect(JSON.parse(second.stdout.split('\n')[0] ?? '')).toEqual({
    event: 'published',
    at,
    state: 'ready',
    endpoints: 2,
  });
  second.kill('SIGTERM');
  await eventually(async () =>
    expect(await published(registry, at)).toEqual({ ...two, state: 'leaving' }),
  );
  const { status, stderr } = await second.finished;
  expect(status).toBe(0);
  // One line, about what was typed.
  expect(JSON.parse(stderr)).toMatchObject({
    event: 'warning',
    message: expect.stringContaining(`${HOST} is no address of this machine`) as string,
  });
  expect(await published(registry, at)).toBe(undefined);
});

test('what is taken away comes back, and two with one --at do not quarrel', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const { at, service, publish } = await machine();
  await service(1, ...EVERYWHERE);
  const place = await etcd();
  const registry = registryOf(place);
  const gateway = new Gateway({ address: parseRegistry(`etcd://127.0.0.1:${place.port}`) });
  onTestFinished(() => gateway.close());
  const of = (text: string): string => Buffer.from(text).toString('base64');
  const words = ['--registry', `etcd://127.0.0.1:${place.port}/t`];
  const one = { state: 'ready', paths: ['/calculator/1/'] };
  const first = publish(...words);
  await first.said(`${at}: 1 endpoint published.`);
  await gateway.ask('kv/deleterange', { key: of('/t/'), range_end: of('/t0') });
  expect(await published(registry, at)).toBe(undefined);
  await eventually(async () => expect(await published(registry, at)).toEqual(one));

  const second = publish(...words);
  await second.said(`${at}: 1 endpoint published.`);
  const whose = `Another publish (${hostname()}, process ${second.pid}) has taken over ${at}`;
  await first.said(whose);
  first.kill('SIGTERM');
  expect(await first.finished).toMatchObject({ status: 0 });
  expect(first.stdout).not.toContain('leaves');
  expect(await published(registry, at)).toEqual(one);
});

test('what only loopback reaches is not published', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const { at, service, publish } = await machine();
  await service(1);
  const place = await etcd();
  const started = publish('--registry', `etcd://127.0.0.1:${place.port}/t`);
  await started.said(`${at}: 0 endpoints published.`);
  await started.said(/^1 endpoint is not published, .* loopback alone \(--bind\)\.$/m);
  expect(await published(registryOf(place), at)).toEqual({ state: 'ready', paths: [] });
});

test('TLS to the registry, and a certificate that is not to be trusted', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const files = scratchDirectory();
  const authority = new Authority(files);
  const certificate = authority.issue('etcd', { name: 'etcd', usage: 'serverAuth,clientAuth' });
  const own = authority.issue('machine', { name: 'machine', usage: 'clientAuth' });
  const { port } = await etcd({ certificate, clientCa: authority.path });
  const { at, publish } = await machine();
  const secured = ['--registry', `etcds://127.0.0.1:${port}/t`];
  const mine = ['--certificate', own.certificate, '--key', own.key];
  const trusted = publish(...secured, '--ca', authority.path, ...mine);
  await trusted.said(`${at}: 0 endpoints published.`);
  const untrusting = publish(...secured, ...mine);
  await untrusting.said(/its certificate is not trusted.*--ca FILE.*tried again/);
  const stranger = new Authority(scratchDirectory(), 'other').path;
  const wrong = publish(...secured, '--ca', stranger, ...mine);
  await wrong.said(/its certificate is not trusted.*tried again/);
});

test('a user of the registry, and one whom it does not know', async ({ skip }) => {
  skip(missing !== undefined, missing);
  const place = await etcd();
  const admin = new Gateway({ address: parseRegistry(`etcd://127.0.0.1:${place.port}`) });
  onTestFinished(() => admin.close());
  await admin.ask('auth/user/add', { name: 'root', password: 'secret' });
  await admin.ask('auth/role/add', { name: 'root' });
  await admin.ask('auth/user/grant', { user: 'root', role: 'root' });
  await admin.ask('auth/enable', {});
  const { at, directory, publish } = await machine();
  const file = path.join(scratchDirectory(), 'password');
  writeFileSync(file, 'secret\n', { mode: 0o600 });
  const words = ['--registry', `etcd://127.0.0.1:${place.port}/t`];
  const known = publish(...words, '--user', 'root', '--password-file', file);
  await known.said(`${at}: 0 endpoints published.`);
  writeFileSync(`${file}.wrong`, 'guess\n', { mode: 0o600 });
  for (const more of [['--user', 'root', '--password-file', `${file}.wrong`], []]) {
    const refused = await runCommand(PORT_SHARING, ['publish', '--at', at, ...words, ...more], {
      directory,
    });
    expect(refused).toMatchObject({ status: EXIT_STATUS.SecurityAccessDenied, stdout: '' });
    expect(refused.stderr).not.toContain('guess');
  }
});

test.for<[args: string[], text: string]>([
  [[], 'Say where fronts reach this machine: --at 10.0.0.11:9000.'],
  [['--at', 'machine'], '"machine" is not an IP address with a port'],
  [['--at', '10.0.0.11'], 'is not an IP address with a port'],
  [['--at', '127.0.0.1:9000'], 'No other machine reaches this one at 127.0.0.1:9000'],
  [['--at', '10.0.0.11:9000'], 'Say where the registry is: --registry etcd://HOST:2379.'],
  [['--at', '10.0.0.11:9000', '--registry', 'http://h'], 'etcd://HOST:2379'],
  [['--at', '10.0.0.11:9000', '--registry', 'etcd://h:2379', '--ca', 'x'], 'go with TLS'],
  [['--at', '10.0.0.11:9000', '--registry', 'etcds://h:2379', '--key', 'x'], 'go together'],
  [
    ['--at', '10.0.0.11:9000', '--registry', 'etcd://h:2379', '--user', 'x'],
    'not sent in the clear',
  ],
  [['--at', '10.0.0.11:9000', '--registry', 'etcds://h:2379', '--password-file', 'x'], '--user'],
  [['--at', '10.0.0.11:9000', '--register', 'etcd://h:2379'], 'register'],
])('%j is refused with what to say', async ([args, text]) => {
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, ['publish', ...args], {
    directory: scratchDirectory(),
  });
  expect({ status, stdout }).toEqual({ status: EXIT_STATUS.Usage, stdout: '' });
  expect(stderr).toContain(text);
  expect(stderr).not.toContain('    at ');
});
