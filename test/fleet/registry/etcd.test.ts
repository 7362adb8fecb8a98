// The registry with a real etcd: every change is told exactly once, whatever dies in between.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, test as always, expect } from 'vitest';
import { Authority } from '../../../scripts/certificates.ts';
import { etcdMissing, type EtcdOptions, startEtcd } from '../../../scripts/fleet/etcd.ts';
import { freePort } from '../../../scripts/free-port.ts';
import type { RunningProcess } from '../../../scripts/process.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { follow } from '../../../shared/fleet/registry/follow.ts';
import { Gateway, type RegistryAccess } from '../../../shared/fleet/registry/gateway.ts';
import { Registry } from '../../../shared/fleet/registry/registry.ts';
import { parseRegistry } from '../../../shared/fleet/registry/registry-address.ts';
import { rawText } from '../../../shared/printable.ts';
import { eventually } from '../../helpers/eventually.ts';

const missing = await etcdMissing();
const test = always.extend<{ readonly place: EtcdOptions }>({
  place: async ({ skip }, use) => {
    skip(missing !== undefined, missing);
    const directory = temporaryDirectory();
    await use({ directory, port: await freePort() });
    removeDirectory(directory);
  },
});

async function start(options: EtcdOptions): Promise<RunningProcess> {
  const etcd = await startEtcd(options);
  onTestFinished(async () => void (await etcd.end()));
  return etcd;
}

function access({ port }: EtcdOptions, more: Partial<RegistryAccess> = {}): RegistryAccess {
  return { address: parseRegistry(`etcd://127.0.0.1:${port}/t`), ...more };
}

function open(options: RegistryAccess): Registry {
  const registry = new Registry(options);
  onTestFinished(() => registry.close());
  return registry;
}

/** Follows a registry; what it was told, in order. */
function followed(registry: Registry): {
  readonly told: string[];
  readonly values: Map<string, string>;
} {
  const told: string[] = [];
  const values = new Map<string, string>();
  const stop = new AbortController();
  const done = follow(
    registry,
    {
      onSnapshot(all) {
        told.push('snapshot');
        values.clear();
        for (const [key, value] of all) values.set(key, rawText(value));
      },
      onChanges(changes) {
        for (const { key, value } of changes) {
          told.push(`${key}=${value === undefined ? '' : rawText(value)}`);
          if (value === undefined) values.delete(key);
          else values.set(key, rawText(value));
        }
      },
      onLost: () => told.push('lost'),
      onFound: () => told.push('found'),
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort();
    await done;
  });
  return { told, values };
}

test('what is written is read, page by page, and told to those who follow', async ({ place }) => {
  await start(place);
  const registry = open(access(place));
  const { told, values } = followed(open(access(place)));
  await eventually(() => expect(told).toEqual(['snapshot']));
  const lease = await registry.grant(30);
  const many = new Map(Array.from({ length: 450 }, (_, at) => [`m/${at}`, `é${at}`]));
  await registry.write(lease, many);
  expect((await registry.read()).values).toEqual(many);
  await eventually(() => expect(values).toEqual(many));
  await registry.write(lease, new Map([['m/1', undefined]]));
  await eventually(() => expect(told.at(-1)).toBe('m/1='));
  await registry.revoke(lease);
  await eventually(() => expect(values.size).toBe(0));
  expect(await registry.keepAlive(lease)).toBe(false);
});

test('a restart of the registry is survived: what happened meanwhile is told, once', async ({
  place,
}) => {
  const first = await start(place);
  const registry = open(access(place));
  const { told } = followed(open(access(place)));
  const lease = await registry.grant(300);
  await registry.write(lease, new Map([['a', '1']]));
  await eventually(() => expect(told).toContain('a=1'));
  await first.end();
  await eventually(() => expect(told.at(-1)).toBe('lost'));
  await start(place);
  await registry.write(lease, new Map([['b', '2']]));
  await eventually(() => expect(told).toContain('b=2'));
  expect(await registry.keepAlive(lease)).toBe(true);
  expect(told.filter((each) => each !== 'found')).toEqual(['snapshot', 'a=1', 'lost', 'b=2']);
});

test('one that comes back empty, or without its history, is read anew', async ({ place }) => {
  const first = await start(place);
  const registry = open(access(place));
  const { told, values } = followed(open(access(place)));
  const lease = await registry.grant(300);
  for (const value of ['1', '2', '3']) await registry.write(lease, new Map([['a', value]]));
  await eventually(() => expect(values.get('a')).toBe('3'));
  await first.end();
  await eventually(() => expect(told.at(-1)).toBe('lost'));
  removeDirectory(path.join(place.directory, 'etcd'));
  await start(place);
  await eventually(() => expect(told.filter((each) => each === 'snapshot')).toHaveLength(2));
  expect(values.size).toBe(0);
  expect(await registry.keepAlive(lease)).toBe(false);
  // Changes that are compacted away before they are told: it is read anew, too.
  await registry.write(await registry.grant(300), new Map([['a', '4']]));
  await eventually(() => expect(values.get('a')).toBe('4'));
});

test('a revision that is compacted away is told as lost', async ({ place }) => {
  await start(place);
  const registry = open(access(place));
  const lease = await registry.grant(300);
  for (const value of ['1', '2', '3']) await registry.write(lease, new Map([['a', value]]));
  const { revision } = await registry.read();
  const gateway = new Gateway(access(place));
  onTestFinished(() => gateway.close());
  await gateway.ask('kv/compaction', { revision });
  const watching = registry.watch(1, () => {}, new AbortController().signal);
  await expect(watching).rejects.toThrow(/^$/);
});

test('a user and a password, and a token that is not valid any more', async ({ place }) => {
  await start(place);
  const admin = new Gateway(access(place));
  onTestFinished(() => admin.close());
  for (const name of ['root', 'fleet']) {
    await admin.ask('auth/user/add', { name, password: `${name}-secret` });
  }
  await admin.ask('auth/role/add', { name: 'root' });
  await admin.ask('auth/user/grant', { user: 'root', role: 'root' });
  await admin.ask('auth/role/add', { name: 'fleet' });
  const of = (text: string): string => Buffer.from(text).toString('base64');
  const perm = { permType: 'READWRITE', key: of('/t/'), range_end: of('/t0') };
  await admin.ask('auth/role/grant', { name: 'fleet', perm });
  await admin.ask('auth/user/grant', { user: 'fleet', role: 'fleet' });
  await admin.ask('auth/enable', {});

  const login = { name: 'fleet', password: 'fleet-secret' };
  const registry = open(access(place, { login }));
  const lease = await registry.grant(30);
  await registry.write(lease, new Map([['a', '1']]));
  expect((await registry.read()).values.size).toBe(1);
  const { told } = followed(open(access(place, { login })));
  await eventually(() => expect(told).toEqual(['snapshot']));
  await registry.write(lease, new Map([['a', '2']]));
  await eventually(() => expect(told).toContain('a=2'));

  const refused = async (more: Partial<RegistryAccess>): Promise<unknown> =>
    await open(access(place, more))
      .read()
      .then(
        () => 'allowed',
        (error: unknown) => (error instanceof NetTcpError ? error.code : error),
      );
  expect(await refused({})).toBe('SecurityAccessDenied');
  expect(await refused({ login: { ...login, password: 'x' } })).toBe('SecurityAccessDenied');
  const elsewhere = parseRegistry(`etcd://127.0.0.1:${place.port}/other`);
  expect(await refused({ login, address: elsewhere })).toBe('SecurityAccessDenied');
});

test('TLS, with a certificate of the client', async ({ place }) => {
  const authority = new Authority(place.directory);
  const certificate = authority.issue('etcd', { name: 'etcd', usage: 'serverAuth,clientAuth' });
  const own = authority.issue('front', { name: 'front', usage: 'clientAuth' });
  await start({ ...place, certificate, clientCa: authority.path });
  const address = parseRegistry(`etcds://127.0.0.1:${place.port}`);
  const ca = readFileSync(authority.path);
  const [cert, key] = [own.certificate, own.key].map((file) => readFileSync(file));
  const registry = open({ address, tls: { ca, cert, key } });
  expect((await registry.read()).values.size).toBe(0);
  for (const tls of [{ ca }, { cert, key }]) {
    await expect(open({ address, tls }).read()).rejects.toThrow(/cannot be reached/);
  }
});

test('a member that is gone is left for the next', async ({ place }) => {
  await start(place);
  const gone = await freePort();
  const address = parseRegistry(`etcd://127.0.0.1:${gone},127.0.0.1:${place.port}/t`);
  const registry = open({ address });
  expect((await registry.read()).values.size).toBe(0);
  expect(registry.member).toBe(`127.0.0.1:${place.port}`);
});
