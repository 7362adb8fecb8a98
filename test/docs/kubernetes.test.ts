// The manifests of docs/kubernetes: by the schemas of Kubernetes, and the front's configuration in a real HAProxy.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/free-port.ts';
import { run } from '../../scripts/run.ts';
import { CLIENT, Command, PORT_SHARING, program, runCommand, SERVICE } from '../helpers/command.ts';
import { scratchDirectory } from '../helpers/directory.ts';
import { eventually } from '../helpers/eventually.ts';
import { loggedDaemon } from '../helpers/logged-daemon.ts';

const DIRECTORY = 'docs/kubernetes';
const SCHEMAS = path.resolve('scripts/kubernetes');
const without = existsSync(path.join(SCHEMAS, 'node_modules'))
  ? undefined
  : 'the schemas of Kubernetes are not installed: scripts/kubernetes/install.sh does so';
const withoutHaproxy =
  (await run(['haproxy', '-v'])).status === 0
    ? undefined
    : 'HAProxy is not installed (Debian: apt-get install haproxy)';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** What is installed for this test alone. @param file below `node_modules` */
async function installed(file: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(path.join(SCHEMAS, 'node_modules', file));
  return (await import(url.href)) as Record<string, unknown>;
}

async function manifestsOf(file: string): Promise<readonly Manifest[]> {
  const yaml = (await installed('yaml/dist/index.js')) as {
    readonly parseAllDocuments: (
      text: string,
    ) => { readonly errors: readonly unknown[]; toJS(): unknown }[];
  };
  return yaml.parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

/** What a schema says against a manifest; `undefined` for nothing. */
async function invalid(manifest: Manifest): Promise<string | undefined> {
  const { apiVersion, kind } = manifest;
  const models = await installed(`kubernetes-models/${apiVersion}/${kind}.js`);
  const Model = models[kind] as new (data: unknown) => { validate(): void };
  try {
    new Model(manifest).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Names that the schemas do not have: the compiler says which, as the schemas' types are exact. */
async function unknownNames(manifests: readonly Manifest[]): Promise<string> {
  const lines = manifests.flatMap(({ apiVersion, kind }, at) => [
    `import type { I${kind} as I${at} } from 'kubernetes-models/${apiVersion}/${kind}';`,
    `export const manifest${at}: I${at} = ${JSON.stringify(manifests[at])};`,
  ]);
  const file = path.join(SCHEMAS, `manifests-${process.pid}.ts`);
  writeFileSync(file, lines.join('\n'));
  try {
    const options = '--ignoreConfig --noEmit --strict --skipLibCheck --types --module nodenext';
    const tsc = path.resolve('node_modules/typescript/bin/tsc');
    const words = [process.execPath, tsc, ...options.split(' '), '--target', 'es2022', file];
    return (await run(words)).stdout;
  } finally {
    rmSync(file);
  }
}

const FILES = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => path.posix.join(DIRECTORY, name));

test('there are manifests', () => expect(FILES.length).toBeGreaterThan(1));

test.for(FILES)('%s is as the schemas say', async (file, { skip }) => {
  skip(without !== undefined, without);
  const manifests = await manifestsOf(file);
  expect(manifests.length).toBeGreaterThan(1);
  for (const manifest of manifests) {
    expect(await invalid(manifest), `${manifest.kind} ${manifest.metadata.name}`).toBe(undefined);
  }
  expect(await unknownNames(manifests)).toBe('');
});

test('the schemas refuse what is wrong', async ({ skip }) => {
  skip(without !== undefined, without);
  const [deployment] = (await manifestsOf(`${DIRECTORY}/program.yaml`)).filter(
    ({ kind }) => kind === 'Deployment',
  );
  const text = JSON.stringify(deployment);
  const badly = text.replace('"replicas":3', '"replicas":"3"');
  expect(await invalid(JSON.parse(badly) as Manifest)).toContain('spec/replicas must be integer');
  const unknown = text.replaceAll('preStop', 'prestop');
  expect(await unknownNames([JSON.parse(unknown) as Manifest])).toContain('"prestop"');
});

/** Answers every question for an A record with these addresses. @returns its port */
async function nameServer(addresses: () => readonly string[]): Promise<number> {
  const socket = createSocket('udp4').on('message', (question, from) => {
    const end = question.indexOf(0, 12) + 5;
    const isAddress = question.readUInt16BE(end - 4) === 1;
    const found = isAddress ? addresses() : [];
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8580, 2);
    head.writeUInt16BE(found.length, 6);
    head.writeUInt32BE(0, 8);
    const answers = found.map((address) =>
      Buffer.from([192, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]),
    );
    const answer = Buffer.concat([head, question.subarray(12, end), ...answers]);
    socket.send(answer, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

/** A pod: a daemon that trusts the front, and a service. */
async function pod(host: string, port: number): Promise<void> {
  const { directory } = await loggedDaemon(['--trust-proxy', '127.0.0.1/32']);
  const words = ['--salt', 7, '--port', port, '--bind', host, '--security', 'none', '--json'];
  const service = new Command(SERVICE, words.map(String), { directory });
  onTestFinished(async () => void (await service.end()));
  await service.said('"listening"');
}

test('the front finds pods by name, asks each whether it is well, and says who comes', async ({
  skip,
}) => {
  skip(without !== undefined, without);
  skip(withoutHaproxy !== undefined, withoutHaproxy);
  const [podPort, frontPort, healthPort] = [await freePort(), await freePort(), await freePort()];
  const pods = ['127.0.0.1', '127.0.0.3'] as const;
  const there = new Set<string>();
  const dnsPort = await nameServer(() => [...there]);
  const [map] = await manifestsOf(`${DIRECTORY}/front.yaml`);
  const directory = scratchDirectory();
  const config = (map?.data?.['haproxy.cfg'] ?? '')
    .replace('parse-resolv-conf', `nameserver test 127.0.0.1:${dnsPort}`)
    .replace('bind :9000', `bind 127.0.0.8:${frontPort}`)
    .replace('bind :9001', `bind 127.0.0.8:${healthPort}`)
    .replaceAll('/etc/net-tcp/', `${directory}/`)
    .replace('cluster.local:9000', `cluster.local:${podPort}`);
  writeFileSync(path.join(directory, 'haproxy.cfg'), config);
  writeFileSync(path.join(directory, 'paths.map'), map?.data?.['paths.map'] ?? '');
  await pod(pods[0], podPort);
  program(['haproxy', '-W', '-db', '-f', path.join(directory, 'haproxy.cfg')], { isGroup: true });
  const ready = async (): Promise<number> =>
    (await fetch(`http://127.0.0.8:${healthPort}/ready`)).status;
  await eventually(async () => expect(await ready()).toBe(503));
  there.add(pods[0]);
  await eventually(async () => expect(await ready()).toBe(200));
  const call = (salt = '7') =>
    runCommand(
      CLIENT,
      [salt, 'add', 100, 15.99, '--host', '127.0.0.8', '--port', frontPort].map(String),
    );
  expect(await call()).toMatchObject({ status: 0, stdout: 'Add(100,15.99) = 115.99\n' });
  expect((await call('8')).stderr).toContain('EndpointNotFound');
  const health = ['health', '127.0.0.8', '--port', String(frontPort)];
  expect(await runCommand(PORT_SHARING, health)).toMatchObject({ status: 0 });
  // The pod goes, and another comes: as the cluster says.
  await pod(pods[1], podPort);
  there.add(pods[1]).delete(pods[0]);
  await eventually(async () => expect(await call()).toMatchObject({ status: 0 }));
});
