// npm run demo: three services on one port, a client for each, and a number that nobody has.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitOnSignals, RunningProcess } from './process.ts';
import { run } from './run.ts';
import { removeDirectory, temporaryDirectory } from './temporary.ts';

const DIST = fileURLToPath(new URL('../', import.meta.url));
const SERVICE = path.join(DIST, 'service/main.js');
const CLIENT = path.join(DIST, 'client/main.js');
const PORT_SHARING = path.join(DIST, 'shared/tool/main.js');
const NOBODY_LISTENS = 66;

// The demo has a daemon and a directory of its own: it does not meddle with yours.
const directory = temporaryDirectory();
const env = {
  ...process.env,
  NET_TCP_PORT_SHARING_DIR: directory,
  NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=200',
};
const services: RunningProcess[] = [];

/** Runs a command to its end and shows what it prints. @returns exit status */
async function show(entry: string, args: readonly string[]): Promise<number> {
  const { status } = await run([process.execPath, entry, ...args], { env, shows: 'everything' });
  return status ?? 1;
}

/** Starts a service and shows its two lines. @returns its address */
async function startService(port: string): Promise<string> {
  const command = [process.execPath, SERVICE, '--port', port];
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

async function demo(): Promise<number> {
  title('three services, one port');
  const addresses: string[] = [];
  for (let count = 0; count < 3; count++) {
    const port = /:(\d+)\//.exec(addresses[0] ?? '')?.[1] ?? '0';
    addresses.push(await startService(port));
  }
  for (const address of addresses) {
    title(`client → ${address}`);
    const status = await show(CLIENT, ['--address', address]);
    if (status !== 0) return status;
  }
  title('client → a number that nobody has');
  const taken = new Set(addresses.map((address) => Number(address.split('/').at(-1))));
  const free = Array.from({ length: 4 }, (_, number) => number).find(
    (number) => !taken.has(number),
  );
  const nobody = `${addresses[0]?.replace(/\d+$/, '')}${free}`;
  const status = await show(CLIENT, ['--address', nobody]);
  if (status !== NOBODY_LISTENS) {
    throw new Error(`the client ended with ${status} instead of ${NOBODY_LISTENS}`);
  }
  title('who listens');
  return await show(PORT_SHARING, ['status']);
}

exitOnSignals();
try {
  process.exitCode = await demo();
} finally {
  title('ENTER for each service');
  await stopAll();
}
