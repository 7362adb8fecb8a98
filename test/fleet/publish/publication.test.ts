// What a machine publishes: never what only loopback reaches, and nothing is withdrawn on a new daemon's word.
import { expect, test } from 'vitest';
import {
  ABANDONED_MS,
  askAgainMs,
  Publication,
  SETTLED_MS,
} from '../../../shared/fleet/publish/publication.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import type { DaemonStatus } from '../../../shared/port-sharing/handshake/status.ts';
import { received, untrusted } from '../../../shared/printable.ts';

const WALL = Date.parse('2026-11-28T12:00:00Z');
const PLACE = { host: '10.0.0.11', port: 9_000, isOwn: true };

function daemon(
  pid: number,
  paths: readonly string[],
  { ageMs = 0, listensOn = ['*4'] as readonly string[], port = 9_000 } = {},
): ReturnType<typeof received<DaemonStatus>> {
  return received<DaemonStatus>({
    pid,
    version: '0.2.0',
    since: new Date(WALL - ageMs).toISOString(),
    transfer: 'hand-over',
    log: '/log',
    activated: [],
    pending: 0,
    notFound: 0,
    dropped: 0,
    relaying: 0,
    listeners: [],
    registrations: paths.map((path) => ({
      address: `net.tcp://localhost:${port}/${path}`,
      pid: 1,
      since: new Date(WALL).toISOString(),
      listensOn,
      handedOver: 0,
      relayed: 0,
      queued: 0,
      refused: 0,
    })),
  });
}

test.for([
  ['all of IPv4', ['*4'], true, true],
  ['all of IPv6 only', ['*6'], true, false],
  ['the address itself', ['10.0.0.11'], true, true],
  ['another address of the machine', ['10.9.9.9'], true, false],
  ['loopback', ['127.0.0.1', '::1'], true, false],
  ['all of IPv4, behind a device that passes it on', ['*4'], false, true],
  ['an inner address, behind such a device', ['172.17.0.2'], false, true],
  ['loopback, behind such a device', ['127.0.0.1', '::1'], false, false],
] as const)('an endpoint at %s', ([, listensOn, isOwn, isPublished]) => {
  const publication = new Publication({ ...PLACE, isOwn }, new Set());
  const paths = publication.next(daemon(1, ['a'], { listensOn }), 0, WALL);
  expect([...paths]).toEqual(isPublished ? ['/a/'] : []);
  expect(publication.unreached).toBe(isPublished ? 0 : 1);
});

test('an endpoint of another port is not published', () => {
  const publication = new Publication(PLACE, new Set());
  expect([...publication.next(daemon(1, ['a'], { port: 9_001 }), 0, WALL)]).toEqual([]);
  expect(publication.unreached).toBe(1);
  publication.next(undefined, 1, WALL);
  expect(publication.unreached).toBe(0);
});

/** Milliseconds, what the daemon says then, and what is published. */
type Step = readonly [ms: number, ReturnType<typeof daemon> | undefined, readonly string[]];

const CASES: readonly (readonly [string, readonly string[], readonly Step[]])[] = [
  [
    'a daemon that was there before is believed at once',
    ['/old/'],
    [[0, daemon(1, ['a'], { ageMs: SETTLED_MS }), ['/a/']]],
  ],
  [
    'one that has just started takes nothing away, and adds',
    ['/old/'],
    [
      [0, daemon(1, ['a']), ['/a/', '/old/']],
      [SETTLED_MS - 1, daemon(1, ['a']), ['/a/', '/old/']],
      [SETTLED_MS, daemon(1, ['a']), ['/a/']],
    ],
  ],
  [
    'one that follows another has its own time',
    [],
    [
      [0, daemon(1, ['a', 'b'], { ageMs: SETTLED_MS }), ['/a/', '/b/']],
      [1, undefined, ['/a/', '/b/']],
      [100, daemon(2, []), ['/a/', '/b/']],
      [200, daemon(2, ['b']), ['/a/', '/b/']],
      [100 + SETTLED_MS, daemon(2, ['b']), ['/b/']],
    ],
  ],
  [
    'a clock that was set does not make a new daemon old',
    [],
    [
      [0, daemon(1, ['a'], { ageMs: SETTLED_MS }), ['/a/']],
      [100, daemon(2, [], { ageMs: 3_600_000 }), ['/a/']],
    ],
  ],
  [
    'a service that leaves is withdrawn at once',
    [],
    [
      [0, daemon(1, ['a', 'b'], { ageMs: SETTLED_MS }), ['/a/', '/b/']],
      [1, daemon(1, ['b']), ['/b/']],
    ],
  ],
  [
    'without a daemon all goes in the end',
    [],
    [
      [0, daemon(1, ['a'], { ageMs: SETTLED_MS }), ['/a/']],
      [5, undefined, ['/a/']],
      [4 + ABANDONED_MS, undefined, ['/a/']],
      [5 + ABANDONED_MS, undefined, []],
    ],
  ],
];

test.for(CASES)('%s', ([, before, steps]) => {
  const publication = new Publication(PLACE, new Set(before));
  for (const [ms, status, paths] of steps) {
    expect([...publication.next(status, ms, WALL + ms)].sort(), `at ${ms}`).toEqual(paths);
  }
});

test.for<[tookMs: number, pauseMs: number]>([
  [0, 100],
  [10, 100],
  [20, 200],
  [25, 250],
  [100, 250],
  [250, 250],
  [2_000, 2_000],
])('a daemon that took %i ms to answer is asked again after %i ms', ([tookMs, pauseMs]) => {
  expect(askAgainMs(tookMs)).toBe(pauseMs);
});

test('what has gone is known at half of the grace for it, while an answer takes a quarter of that', () => {
  const { departureGraceMs } = DEFAULT_LIMITS;
  for (let tookMs = 0; tookMs <= departureGraceMs / 4; tookMs++) {
    expect(askAgainMs(tookMs) + tookMs, `${tookMs}`).toBeLessThanOrEqual(departureGraceMs / 2);
  }
});

test('what has ended together with its daemon is withdrawn at once; what may come back is not', () => {
  const alive = new Set([1, 2, 3]);
  const publication = new Publication(PLACE, new Set(['/old/']), (pid) => alive.has(pid));
  const owned = (pid: number, target?: string) => (path: string) => {
    const [one] = daemon(1, [path]).registrations;
    if (one === undefined) throw new Error('there is one');
    return { ...one, pid, ...(target === undefined ? {} : { target: untrusted(target) }) };
  };
  const before = {
    ...daemon(1, [], { ageMs: SETTLED_MS - 1_000 }),
    registrations: [
      ...['dies', 'both', 'one'].map(owned(2)),
      ...['both', 'lives'].map(owned(3)),
      owned(2, '10.9.9.9:1')('route'),
      // Of another namespace: nobody here has that number.
      owned(77)('unseen'),
    ],
  };
  const all = ['/both/', '/dies/', '/lives/', '/old/', '/one/', '/route/', '/unseen/'];
  expect([...publication.next(before, 0, WALL)].sort()).toEqual(all);
  alive.delete(2);
  const left = ['/both/', '/lives/', '/old/', '/route/', '/unseen/'];
  // Whether the next one is there yet does not matter.
  expect([...publication.next(undefined, 100, WALL + 100)].sort()).toEqual(left);
  expect([...publication.next(daemon(9, []), 200, WALL + 200)].sort()).toEqual(left);
  // Whoever comes back is published again.
  alive.add(4);
  const next = { ...daemon(9, []), registrations: [owned(4)('dies')] };
  expect([...publication.next(next, 300, WALL + 300)].sort()).toEqual(['/dies/', ...left].sort());
});
