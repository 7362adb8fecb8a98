// A front with a real HAProxy: its map and servers are what the fleet is, while it runs and when it starts.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test as always, expect, onTestFinished } from 'vitest';
import { freePort } from '../../../scripts/free-port.ts';
import { run } from '../../../scripts/run.ts';
import { RunningProcess } from '../../../scripts/process.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { AdminSocket } from '../../../shared/fleet/front/admin-socket.ts';
import { configurationText, type FrontOptions } from '../../../shared/fleet/front/configuration.ts';
import { readMap, readServers } from '../../../shared/fleet/front/engine-state.ts';
import { Front } from '../../../shared/fleet/front/front.ts';
import { type MachineState, writeMachine } from '../../../shared/fleet/registry/machine.ts';
import { sleep } from '../../../shared/time.ts';
import { untrusted, type Untrusted } from '../../../shared/printable.ts';
import { eventually } from '../../helpers/eventually.ts';

const installed = (await run(['haproxy', '-v'])).status === 0;
const missing = 'HAProxy is not installed (Debian: apt-get install haproxy)';
const test = always.extend<{ readonly options: FrontOptions }>({
  options: async ({ skip }, use) => {
    skip(!installed, missing);
    const directory = temporaryDirectory();
    const place = (name: string): string => path.join(directory, name);
    const listen = `127.0.0.1:${await freePort()}`;
    const files = { socket: place('admin.sock'), map: place('fleet.map') };
    await use({ ...files, listen, pools: 2, isProxied: true });
    removeDirectory(directory);
  },
});

function startFront(options: FrontOptions): Front {
  const ignore = (): void => {};
  const front = new Front(options, {
    onApplied: ignore,
    onRemoved: ignore,
    onAllDown: ignore,
    onLost: ignore,
    onUnpooled: ignore,
  });
  const stop = new AbortController();
  const done = front.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await done;
  });
  return front;
}

async function startHaproxy(options: FrontOptions): Promise<RunningProcess> {
  const directory = path.dirname(options.map);
  const file = path.join(directory, 'haproxy.cfg');
  writeFileSync(file, configurationText(options));
  const backends = path.join(directory, 'backends.cfg');
  const haproxy = new RunningProcess(['haproxy', '-W', '-f', file, '-f', backends], {
    isGroup: true,
  });
  onTestFinished(async () => void (await haproxy.end()));
  await haproxy.said('Loading success');
  return haproxy;
}

/** What HAProxy has: its paths, and its servers that take connections. */
async function state({ socket, map }: FrontOptions): Promise<Record<string, unknown>> {
  const admin = await AdminSocket.open(socket);
  try {
    const paths = Object.fromEntries(readMap(await admin.ask(`show map ${map}`)));
    const servers = readServers(await admin.ask('show servers state'));
    const names = servers
      .filter(({ isOut }) => !isOut)
      .map(({ backend, at }) => `${backend}/${at}`);
    return { paths, servers: names.sort() };
  } finally {
    admin.close();
  }
}

type Machines = Readonly<Record<string, readonly string[]>>;

function valuesOf(machines: Machines, as: MachineState = 'ready'): Map<string, Untrusted> {
  return new Map(
    Object.entries(machines).flatMap(([at, paths]) =>
      [...writeMachine({ at, state: as, paths: new Set(paths) })].map(
        ([slice, text]) => [`machines/${at}/${slice}`, untrusted(text)] as const,
      ),
    ),
  );
}

const [M1, M2, M3] = ['127.0.0.1:1', '127.0.0.1:2', '[::1]:3'] as const;

test('machines come, share paths and leave; a reload and a cold start have what was there', async ({
  options,
}) => {
  const front = startFront(options);
  const haproxy = await startHaproxy(options);
  front.fleet.onSnapshot(
    valuesOf({ [M1]: ['/a;b/', '/shared/'], [M2]: ['/shared/'], [M3]: ['/c/'] }),
  );
  const all = {
    paths: { '/a;b/': `machines|${M1}`, '/shared/': 'pool1', '/c/': 'machines|::1:3' },
    servers: [
      `machines/${M3}`,
      `machines/${M1}`,
      `machines/${M2}`,
      `pool1/${M1}`,
      `pool1/${M2}`,
    ].sort(),
  };
  await eventually(async () => expect(await state(options)).toEqual(all));

  haproxy.kill('SIGUSR2');
  await haproxy.said(/Loading success[\s\S]*Loading success/);
  front.fleet.onChanges(changesOf(valuesOf({ [M1]: ['/d/'] })));
  const later = {
    paths: { '/d/': `machines|${M1}`, '/shared/': `machines|${M2}`, '/c/': 'machines|::1:3' },
    servers: [`machines/${M3}`, `machines/${M1}`, `machines/${M2}`].sort(),
  };
  await eventually(async () => expect(await state(options)).toEqual(later));
  front.fleet.onChanges(changesOf(valuesOf({ [M3]: ['/c/'] }, 'leaving')));
  await eventually(async () => {
    const { paths } = (await state(options)) as { readonly paths: object };
    expect(Object.keys(paths).sort()).toEqual(['/d/', '/shared/']);
  });
  await eventually(() => expect(readFileSync(options.map, 'utf8')).not.toContain('/c/'));
  const before = await state(options);
  await haproxy.end();
  await startHaproxy(options);
  expect(await state(options)).toEqual(before);
});

test('above 10,000 paths a change is a new version of all of them', async ({ options }) => {
  const front = startFront(options);
  await startHaproxy(options);
  const many = (from: number): string[] =>
    Array.from({ length: 10_500 }, (_, at) => `/path/${from + at}/`);
  const size = async (): Promise<readonly (string | undefined)[]> => {
    // To write out so many takes HAProxy as long as to take them: it is not asked all the time.
    await sleep(500);
    const { paths } = (await state(options)) as { readonly paths: Record<string, string> };
    return [String(Object.keys(paths).length), paths['/path/0/'], paths['/path/10509/']];
  };
  front.fleet.onSnapshot(valuesOf({ [M1]: many(0) }));
  await eventually(async () =>
    expect(await size()).toEqual(['10500', `machines|${M1}`, undefined]),
  );
  front.fleet.onSnapshot(valuesOf({ [M1]: many(10) }));
  await eventually(async () =>
    expect(await size()).toEqual(['10500', undefined, `machines|${M1}`]),
  );
});

test('a machine of which nobody speaks goes when its check fails, too', async ({ options }) => {
  const front = startFront(options);
  await startHaproxy(options);
  // One address answers checks as a daemon does, nobody is at the other.
  const answering = await freePort();
  const script = `require('net').createServer(s=>{s.on('error',()=>{});s.end(Buffer.from([0x0b]))}).listen(${answering},'127.0.0.1',()=>console.log('up'))`;
  const server = new RunningProcess([process.execPath, '-e', script]);
  onTestFinished(async () => void (await server.end()));
  await server.said('up');
  const up = `127.0.0.1:${answering}`;
  const gone = `127.0.0.1:${await freePort()}`;
  front.fleet.onSnapshot(valuesOf({ [up]: ['/up/'], [gone]: ['/gone/'] }));
  front.fleet.onSnapshot(new Map());
  await eventually(async () => {
    const { paths } = (await state(options)) as { readonly paths: object };
    expect(Object.keys(paths)).toEqual(['/up/']);
  });
  await server.end();
  await eventually(async () => {
    const admin = await AdminSocket.open(options.socket);
    const states = readServers(await admin.ask('show servers state'));
    admin.close();
    expect(states.filter(({ at }) => at === up)).toMatchObject([{ isUp: false }]);
  });
  // All checks fail: it may be the front that is cut off.
  expect(front.fleet.judge(new Map([[up, false]]))).toEqual([]);
});

function changesOf(
  values: ReadonlyMap<string, Untrusted>,
): readonly { readonly key: string; readonly value: Untrusted }[] {
  return [...values].map(([key, value]) => ({ key, value }));
}
