import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Case } from '../case.ts';
import { stopDaemon } from '../daemon.ts';
import { DIST_DIRECTORY } from '../peers.ts';
import { remove, temporaryDirectory } from '../temporary.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

export const BARE = 'node -e 0, to its end';
export const CLIENT = 'client N add 1 2, to its end';
export const SERVICE = 'service, daemon running, to ready';
export const SERVICE_AND_DAEMON = 'service and daemon, to ready';

const ROUNDS_FACTOR = 2;

/** From the command to what it is there for. Turns are short, so there are more of them. */
export const start: Case = {
  name: 'start',
  async run({ rounds, isQuick }) {
    const directory = temporaryDirectory();
    const env = { ...process.env, NET_TCP_PORT_SHARING_DIR: directory };
    const node = (...args: readonly string[]): Child =>
      spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const service = (): Child =>
      node(`${DIST_DIRECTORY}service/main.js`, '--port', '0', '--salt', '4381', '--json');

    const lasting = service();
    const { address } = JSON.parse(await firstLine(lasting)) as { readonly address: string };
    const other = (): Child => node(`${DIST_DIRECTORY}service/main.js`, '--port', '0', '--json');
    const commands: Readonly<Record<string, () => Promise<number>>> = {
      [BARE]: () => timed(() => ended(node('-e', '0'))),
      [CLIENT]: () =>
        timed(async () => {
          const call = ['--address', address, 'add', '1', '2'];
          const client = node(`${DIST_DIRECTORY}client/main.js`, ...call);
          const line = await firstLine(client);
          if (line !== 'Add(1,2) = 3') throw new Error(`the client printed "${line}"`);
          await ended(client);
        }),
      [SERVICE]: () => timedUntilReady(other()),
      [SERVICE_AND_DAEMON]: async () => {
        const own = temporaryDirectory();
        const child = spawn(
          process.execPath,
          [`${DIST_DIRECTORY}service/main.js`, '--port', '0', '--json'],
          { env: { ...env, NET_TCP_PORT_SHARING_DIR: own }, stdio: ['pipe', 'pipe', 'inherit'] },
        );
        const took = await timedUntilReady(child);
        await stopDaemon(own);
        remove(own);
        return took;
      },
    };
    const took = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
    for (let round = 0; round < (isQuick ? 1 : rounds * ROUNDS_FACTOR); round++) {
      for (const [name, run] of Object.entries(commands)) took.get(name)?.push(await run());
    }
    lasting.kill();
    await once(lasting, 'exit');
    await stopDaemon(directory);
    remove(directory);
    const bare = took.get(BARE) ?? [];
    const rows = [...took].map(([name, values]) => ({
      name,
      cells: { '÷ bare Node': ratioOf(values, bare), ms: spreadOf(values) },
    }));
    const title = 'start: from command to ready, or to the end';
    return { tables: [{ title, columns: ['÷ bare Node', 'ms'], rows }], leftOut: [] };
  },
};

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function timedUntilReady(child: Child): Promise<number> {
  const took = await timed(async () => void (await firstLine(child)));
  child.kill();
  await once(child, 'exit');
  return took;
}

async function firstLine(child: Child): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error('a command ended before its first line');
}

async function ended(child: Child): Promise<void> {
  child.stdout.resume();
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`a command ended with status ${child.exitCode}`);
}
