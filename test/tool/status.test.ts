import { describe, expect, test } from 'vitest';
import type {
  DaemonStatus,
  RegistrationStatus,
} from '../../shared/port-sharing/handshake/status.ts';
import { formatStatus } from '../../shared/tool/status.ts';
import { received } from '../../shared/printable.ts';

const NOW = Date.parse('2026-11-28T12:00:00.000Z');

const service = (
  number: number,
  since: string,
  counts: Partial<RegistrationStatus> = {},
): RegistrationStatus => ({
  address: `net.tcp://localhost:9000/calculator/${number}`,
  pid: 123_456,
  since,
  listensOn: ['127.0.0.1:9000'],
  security: 'none',
  handedOver: 3,
  relayed: 0,
  queued: 0,
  refused: 0,
  ...counts,
});

function linesAt(width: number | undefined, ...registrations: RegistrationStatus[]): string[] {
  return linesOf({ registrations }, width);
}

function linesOf(more: Partial<DaemonStatus>, width?: number): string[] {
  const status: DaemonStatus = {
    pid: 4_711,
    version: '0.2.0',
    since: '2026-11-28T11:57:00.000Z',
    transfer: 'hand-over',
    activated: [],
    log: '/home/somebody/.local/state/net-tcp-port-sharing/log/daemon.log',
    listeners: ['127.0.0.1:9000', '[::1]:9000'],
    registrations: [],
    pending: 0,
    notFound: 1,
    dropped: 0,
    relaying: 0,
    ...more,
  };
  return [...formatStatus(received(status), 'demand', status.log, { now: NOW, width })];
}

const TWO = [service(4381, '2026-11-28T11:59:18Z'), service(12, '2026-11-25T11:00:00Z')] as const;

test('in a file or a pipe, everything in one table', () => {
  expect(linesAt(undefined, ...TWO)).toEqual(
    [
      'Port-sharing daemon 0.2.0, pid 4711, hand-over, started 3 min ago',
      'start type: demand (the first service starts it)',
      'log: /home/somebody/.local/state/net-tcp-port-sharing/log/daemon.log',
      'listening on: 127.0.0.1:9000, [::1]:9000',
      'connections since it started: 0 on their way, 0 relayed now, 1 for unknown endpoints, 0 turned away',
      '',
      'ADDRESS                                  PID     SINCE       SECURITY  HANDED OVER  RELAYED  QUEUED  REFUSED',
      'net.tcp://localhost:9000/calculator/4381  123456  42 s ago    none      3            0        0       0',
      'net.tcp://localhost:9000/calculator/12    123456  3 days ago  none      3            0        0       0',
    ].map((line) => line.replace('ADDRESS ', 'ADDRESS  ')),
  );
});

test('on 80 columns, a table without what is 0 for all', () => {
  const lines = linesAt(80, ...TWO);
  expect(lines.slice(-5)).toEqual([
    'security of each: none',
    '',
    'ADDRESS                                   PID     SINCE       HANDED OVER',
    'net.tcp://localhost:9000/calculator/4381  123456  42 s ago    3',
    'net.tcp://localhost:9000/calculator/12    123456  3 days ago  3',
  ]);
  const [refusing] = linesAt(80, service(4381, '2026-11-28T11:59:18Z', { refused: 2 })).slice(-1);
  expect(refusing).toBe(
    'net.tcp://localhost:9000/calculator/4381  123456  42 s ago  3            2',
  );
});

test('on 50 columns, some lines for each', () => {
  expect(linesAt(50, TWO[0]).slice(-3)).toEqual([
    'net.tcp://localhost:9000/calculator/4381',
    '  pid 123456, registered 42 s ago, security: none;',
    '  3 handed over',
  ]);
});

test('what each endpoint wants of its clients is said in every width', () => {
  const since = '2026-11-28T11:59:18Z';
  const kinds = ['tls', 'tls, client certificate', 'windows', undefined];
  const services = kinds.map((security, number) => service(number, since, { security }));
  const shown = ['tls', 'tls, client certificate', 'windows', '–'];
  for (const [index, name] of shown.entries()) {
    const alone = services[index] ?? service(1, since);
    expect(linesAt(undefined, ...services).at(index - 4)).toContain(`  ${name}  `);
    const inWords = linesAt(80, ...services)
      .slice(index * 2 - 8)
      .slice(0, 2);
    expect(inWords.join(' ')).toContain(`, security: ${name}; `);
    expect(linesAt(80, alone)).toContain(`security of each: ${name}`);
    const words = linesAt(50, alone).slice(-2).join(' ').replace(/ +/g, ' ');
    expect(words).toContain(`security: ${name};`);
  }
});

describe.for([80, 50])('nothing is wider than %d columns', (width) => {
  test.for([
    TWO,
    [service(65_535, '2026-11-28T00:00:00Z', { relayed: 12_345, queued: 123, refused: 99_999 })],
    [],
  ])('%#', (registrations) => {
    const lines = linesAt(width, ...registrations);
    // What is to be copied stays whole.
    const wide = lines.filter((line) => line.length > width && line.trim().includes(' '));
    expect(wide).toEqual([]);
  });
});

test.for<[since: string, shown: string]>([
  ['2026-11-28T12:00:00Z', '0 s ago'],
  ['2026-11-28T12:00:09Z', '0 s ago'], // a clock that was put back
  ['2026-11-28T11:59:01Z', '59 s ago'],
  ['2026-11-28T11:00:01Z', '59 min ago'],
  ['2026-11-28T11:00:00Z', '1 h ago'],
  ['2026-11-27T12:00:00Z', '1 day ago'],
  ['2026-11-26T11:59:59Z', '2 days ago'],
  ['whenever', 'whenever'],
])('%s is %s', ([since, shown]) => {
  expect(linesAt(undefined, service(1, since)).at(-1)).toContain(`  ${shown}  `);
});

test('fronts are shown where some are trusted', () => {
  const trusted = ['10.0.0.0/30', '192.0.2.1'];
  const lineOf = (more: Partial<DaemonStatus>): string | undefined =>
    linesOf(more).find((line) => line.startsWith('fronts'));
  expect(lineOf({})).toBe(undefined);
  expect(lineOf({ trusted, fronts: [] })).toBe(
    'fronts: none of 10.0.0.0/30, 192.0.2.1 has come yet',
  );
  const front = { address: '10.0.0.2', connections: 12, checks: 34, lastSeen: '' };
  expect(lineOf({ trusted, fronts: [front] })).toBe(
    'fronts: 10.0.0.2 (12 connections, 34 health checks)',
  );
  expect(lineOf({ trusted, fronts: [{ ...front, connections: 1, checks: 1 }] })).toBe(
    'fronts: 10.0.0.2 (1 connection, 1 health check)',
  );
});
