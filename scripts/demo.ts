// npm run demo: see SCRIPT.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authority, type Issued } from './certificates.ts';
import { type Script, startScript } from './command-line.ts';
import { RunningProcess } from './process.ts';
import { run } from './run.ts';
import { removeDirectory, temporaryDirectory } from './temporary.ts';

const DIST = fileURLToPath(new URL('../', import.meta.url));
const SERVICE = path.join(DIST, 'service/main.cjs');
const CLIENT = path.join(DIST, 'client/main.cjs');
const PORT_SHARING = path.join(DIST, 'shared/tool/main.cjs');
const NOBODY_LISTENS = 66;
const SECURITY_NEGOTIATION = 85;

const OPTIONS = {
  secure: {
    type: 'boolean',
    default: false,
    describe: 'with TLS, and a service that wants certificates of its clients',
  },
} as const;

const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run demo --',
  usage:
    '$0 [options]\n\nStarts services on one free port, calls each, makes a call that is refused, shows who listens, and stops everything.',
  examples: [['$0 --secure', 'the same with TLS']],
  options: OPTIONS,
  exitStatuses:
    'Exit status: 0 done, 1 if a command ended in another way than it should, 64 for a wrong option.',
};

// The demo has a daemon and a directory of its own: it does not meddle with yours.
const directory = temporaryDirectory();
const env = {
  ...process.env,
  NET_TCP_PORT_SHARING_DIR: directory,
  NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=200',
};
const services: RunningProcess[] = [];

/** Runs a command to its end and shows what it prints. @throws {Error} if its exit status is another one */
async function show(entry: string, args: readonly string[], wanted = 0): Promise<void> {
  const { status } = await run([process.execPath, entry, ...args], { env, shows: 'everything' });
  if (status === wanted) return;
  throw new Error(`${path.relative(DIST, entry)} ended with ${status} instead of ${wanted}`);
}

/** Starts a service and shows its two lines. @returns its address */
async function startService(port: string, ...args: readonly string[]): Promise<string> {
  const command = [process.execPath, SERVICE, '--port', port, ...args];
  const service = new RunningProcess(command, { env, shows: 'everything' });
  services.push(service);
  await service.said('terminate service.\n');
  return /net\.tcp:\S+\/\d+/.exec(service.stdout)?.[0] ?? '';
}

async function stopAll(): Promise<void> {
  await Promise.all(
    services.map((service) => {
      service.type('\n'); // ENTER
      return service.finished;
    }),
  );
  await show(PORT_SHARING, ['stop']);
  removeDirectory(directory);
}

function title(text: string): void {
  console.log(`\n── ${text} ──`);
}

function portOf(address: string): string {
  return /:(\d+)\//.exec(address)?.[1] ?? '0';
}

async function demo(): Promise<void> {
  title('three services, one port');
  const addresses: string[] = [];
  for (let count = 0; count < 3; count++) {
    addresses.push(await startService(portOf(addresses[0] ?? '')));
  }
  for (const address of addresses) {
    title(`client → ${address}`);
    await show(CLIENT, ['--address', address]);
  }
  title('client → a number that nobody has');
  const taken = new Set(addresses.map((address) => Number(address.split('/').at(-1))));
  const free = Array.from({ length: 4 }, (_, number) => number).find(
    (number) => !taken.has(number),
  );
  const nobody = `${addresses[0]?.replace(/\d+$/, '')}${free}`;
  await show(CLIENT, ['--address', nobody], NOBODY_LISTENS);
  title('who listens');
  await show(PORT_SHARING, ['status']);
}

/** Options that name a certificate and its key. */
function showing({ certificate, key }: Issued): string[] {
  return ['--certificate', certificate, '--key', key];
}

async function secureDemo(): Promise<void> {
  title('a CA, and what it issues: a certificate for the service, one for alice');
  const authority = new Authority(directory);
  const server = authority.issue('server', { name: 'localhost' });
  const alice = authority.issue('alice', { name: 'alice', usage: 'clientAuth' });
  const foreign = new Authority(directory, 'foreign-ca');
  const mallory = foreign.issue('mallory', { name: 'mallory', usage: 'clientAuth' });
  for (const { certificate } of [server, alice]) console.log(path.basename(certificate));

  const tls = ['--security', 'tls'];
  const trusting = [...tls, '--ca', authority.path];
  title('two services, one port: the second wants certificates of its clients');
  const open = await startService('0', ...tls, ...showing(server));
  const withCa = ['--client-ca', authority.path];
  const closed = await startService(portOf(open), ...tls, ...showing(server), ...withCa);

  title('client → TLS');
  await show(CLIENT, ['--address', open, ...trusting]);
  title('client → TLS, as alice');
  await show(CLIENT, ['--address', closed, ...trusting, ...showing(alice)]);
  title('client → TLS, with a certificate of another CA');
  await show(CLIENT, ['--address', closed, ...trusting, ...showing(mallory)], SECURITY_NEGOTIATION);
  title('who listens');
  await show(PORT_SHARING, ['status']);
}

await startScript(SCRIPT, async ({ secure: isSecure }) => {
  try {
    await (isSecure ? secureDemo() : demo());
  } finally {
    title('ENTER for each service');
    await stopAll();
  }
  return 0;
});
