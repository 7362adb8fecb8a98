// Documents become paths, pools and servers; what is kept when nobody speaks of a machine.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backendsText, mapText, readFiles } from '../../../shared/fleet/front/configuration.ts';
import { mapValue } from '../../../shared/fleet/front/engine-state.ts';
import { Fleet } from '../../../shared/fleet/front/fleet.ts';
import { MACHINES } from '../../../shared/fleet/front/pools.ts';
import { Routing } from '../../../shared/fleet/front/routing.ts';
import { type MachineState, writeMachine } from '../../../shared/fleet/registry/machine.ts';
import type { Change } from '../../../shared/fleet/registry/registry.ts';
import { untrusted } from '../../../shared/printable.ts';

const [M1, M2, M3] = ['10.0.0.1:9000', '10.0.0.2:9000', '[fd00::3]:9000'] as const;

function routes(routing: Routing): Record<string, string> {
  routing.takeChanges();
  routing.applied();
  return Object.fromEntries([...routing.targets()].map(([path, to]) => [path, mapValue(to)]));
}

test('one machine has a path by itself, several have it in a pool', () => {
  const routing = new Routing(2);
  routing.set({ at: M1, paths: new Set(['/a/', '/ab/']) });
  routing.set({ at: M2, paths: new Set(['/ab/', '/b/']) });
  expect(routes(routing)).toEqual({
    '/a/': `${MACHINES}|${M1}`,
    '/ab/': 'pool1',
    '/b/': `${MACHINES}|${M2}`,
  });
  routing.set({ at: M3, paths: new Set(['/ab/', '/c/']) });
  expect(routes(routing)).toEqual({
    '/a/': `${MACHINES}|${M1}`,
    '/ab/': 'pool2',
    '/b/': `${MACHINES}|${M2}`,
    '/c/': `${MACHINES}|fd00::3:9000`,
  });
  routing.remove(M1);
  routing.remove(M2);
  expect(routes(routing)).toEqual({
    '/ab/': `${MACHINES}|fd00::3:9000`,
    '/c/': `${MACHINES}|fd00::3:9000`,
  });
});

test('without a pool one machine gets a path, until a pool is free', () => {
  const routing = new Routing(1);
  for (const at of [M1, M2]) routing.set({ at, paths: new Set(['/a/']) });
  expect(routes(routing)).toEqual({ '/a/': 'pool1' });
  for (const at of [M2, M3]) routing.set({ at, paths: new Set(['/b/']) });
  // The pool has no path any more, and is not given to others before HAProxy knows that.
  routing.takeChanges();
  expect(routing.unpooled).toBe(1);
  expect(mapValue(Object.fromEntries(routing.targets())['/b/'] ?? { backend: '' })).toMatch(/\|/);
  routing.applied();
  expect(routing.isChanged).toBe(true);
  expect(routes(routing)).toEqual({ '/a/': `${MACHINES}|${M1}`, '/b/': 'pool1' });
  expect(routing.unpooled).toBe(0);
});

const paths = fc.uniqueArray(fc.constantFrom('/a/', '/b/', '/c/', '/d/', '/e/'));
const step = fc.record({
  at: fc.constantFrom(M1, M2, M3, '10.0.0.4:9000'),
  paths: fc.option(paths),
  isApplied: fc.boolean(),
});

test('whatever comes and goes, each path leads to all that have it, or to one of them', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 0, max: 3 }),
      (steps, pools) => {
        const routing = new Routing(pools);
        const owners = new Map<string, ReadonlySet<string>>();
        for (const { at, paths: has, isApplied } of steps) {
          if (has === null) {
            routing.remove(at);
            owners.delete(at);
          } else {
            routing.set({ at, paths: new Set(has) });
            owners.set(at, new Set(has));
          }
          if (!isApplied) continue;
          routing.takeChanges();
          check(routing, owners);
          routing.applied();
        }
        routing.takeChanges();
        check(routing, owners);
        // The files hold what they were written from.
        const options = { socket: '/s', map: '/m', listen: ':1', pools, isProxied: true };
        const text = (lines: Iterable<string>): string => `${[...lines].join('\n')}\n`;
        const read = readFiles(text(backendsText(routing, options)), text(mapText(routing)));
        if (routing.unpooled === 0) expect(read).toEqual(routing.machines);
      },
    ),
  );
});

function check(routing: Routing, owners: ReadonlyMap<string, ReadonlySet<string>>): void {
  const servers = routing.servers();
  const wanted = new Set([...owners.values()].flatMap((each) => [...each]));
  const targets = new Map(routing.targets());
  expect(new Set(targets.keys())).toEqual(wanted);
  for (const [path, { backend, at }] of targets) {
    const having = new Set([...owners].filter(([, each]) => each.has(path)).map(([name]) => name));
    if (at === undefined) expect(servers.get(backend)).toEqual(having);
    else {
      expect(having).toContain(at);
      expect(servers.get(MACHINES)).toContain(at);
    }
  }
}

function told(at: string, state: MachineState, has: readonly string[]): readonly Change[] {
  const values = writeMachine({ at, state, paths: new Set(has) });
  return [...values].map(([slice, text]) => ({
    key: `machines/${at}/${slice}`,
    value: untrusted(text),
  }));
}
const forgotten = (at: string): Change[] => [{ key: `machines/${at}/0`, value: undefined }];

const UP = (...ups: readonly string[]): ReadonlyMap<string, boolean> =>
  new Map([M1, M2].map((at) => [at, ups.includes(at)]));

test.for([
  ['leaving removes at once', told(M1, 'leaving', ['/a/']), UP(M1, M2), false],
  ['a lease that ends removes nobody who answers', forgotten(M1), UP(M1, M2), true],
  ['a lease that ends removes whose check fails', forgotten(M1), UP(M2), false],
  ['a check that fails removes nobody of whom the registry speaks', [], UP(M2), true],
  ['if all checks fail, nothing is removed', forgotten(M1), UP(), true],
  ['who was not checked yet stays', forgotten(M1), new Map([[M2, true]]), true],
  [
    'a machine that comes back is there, whatever its check says',
    [...forgotten(M1), ...told(M1, 'ready', ['/a/'])],
    UP(M2),
    true,
  ],
  ['a document under another key counts for nobody', misplaced(), UP(M2), false],
] as const)('%s', ([, changes, health, isThere]) => {
  const fleet = new Fleet(4, () => {});
  fleet.onSnapshot(
    new Map(
      [...told(M1, 'ready', ['/a/']), ...told(M2, 'ready', ['/b/'])].flatMap(({ key, value }) =>
        value === undefined ? [] : [[key, value]],
      ),
    ),
  );
  for (const change of changes) fleet.onChanges([change]);
  fleet.judge(health);
  expect(Object.keys(routes(fleet.routing))).toEqual(isThere ? ['/a/', '/b/'] : ['/b/']);
});

function misplaced(): readonly Change[] {
  const [{ value } = { value: undefined }] = told(M3, 'ready', ['/evil/']);
  return [{ key: `machines/${M1}/0`, value }];
}

test('a snapshot that lacks a machine is the end of its lease, and of a front that has restarted, too', () => {
  const fleet = new Fleet(4, () => {});
  fleet.remember(
    new Map([
      [M1, new Set(['/a/'])],
      [M2, new Set(['/b/'])],
    ]),
  );
  fleet.onSnapshot(new Map());
  expect(routes(fleet.routing)).toHaveProperty('/a/');
  expect(fleet.judge(UP(M2))).toEqual([M1]);
  expect(routes(fleet.routing)).toEqual({ '/b/': `${MACHINES}|${M2}` });
});
