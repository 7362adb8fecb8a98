// npm run demo: three services on one port, a client for each, and a number that nobody has.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../', import.meta.url));
// A daemon of the demo's own, in a directory of its own: it does not meddle with yours.
const directory = mkdtempSync(path.join(tmpdir(), 'ntps-demo-'));
const env = {
  ...process.env,
  NET_TCP_PORT_SHARING_DIR: directory,
  NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=200',
};
const services: ChildProcessWithoutNullStreams[] = [];

function start(entry: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [path.join(dist, entry), ...args], { env, stdio: 'pipe' });
  child.stderr.pipe(process.stderr, { end: false });
  return child;
}

/** Runs a command to its end and shows what it prints. @returns exit status */
async function run(entry: string, args: readonly string[]): Promise<number> {
  const child = start(entry, args);
  child.stdin.end();
  child.stdout.pipe(process.stdout, { end: false });
  const [status] = (await once(child, 'close')) as [number | null];
  return status ?? 1;
}

/** Starts a service and shows its two lines. @returns its address */
async function startService(port: string): Promise<string> {
  const service = start('service/main.js', ['--port', port]);
  services.push(service);
  let said = '';
  service.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(service, 'close').then(() => {
    throw new Error('a service ended at once');
  });
  ended.catch(() => {});
  while (!said.includes('terminate service.\n')) {
    await Promise.race([once(service.stdout, 'data'), ended]);
  }
  process.stdout.write(said);
  return /net\.tcp:\S+\/\d+/.exec(said)?.[0] ?? '';
}

async function stopAll(): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      if (service.exitCode !== null) return;
      service.stdin.write('\n'); // ENTER
      await once(service, 'close');
    }),
  );
  await run('shared/tool/main.js', ['stop']);
  rmSync(directory, { recursive: true, force: true });
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
    const status = await run('client/main.js', ['--address', address]);
    if (status !== 0) return status;
  }
  title('client → a number that nobody has');
  const taken = new Set(addresses.map((address) => Number(address.split('/').at(-1))));
  const free = Array.from({ length: 4 }, (_, number) => number).find(
    (number) => !taken.has(number),
  );
  const nobody = `${addresses[0]?.replace(/\d+$/, '')}${free}`;
  const status = await run('client/main.js', ['--address', nobody]);
  if (status !== 66) throw new Error(`the client ended with ${status} instead of 66`);
  title('who listens');
  return await run('shared/tool/main.js', ['status']);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().then(() => process.exit(1)));
}
try {
  process.exitCode = await demo();
} finally {
  title('ENTER for each service');
  await stopAll();
}
