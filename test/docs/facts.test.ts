// What the pages say is what there is, and the other way round.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { output } from '../../scripts/run.ts';
import { EXIT_STATUS, REASON_EXIT_STATUS } from '../../shared/errors.ts';
import { countsIn } from '../../shared/limit-owners.ts';
import { DEFAULT_LIMITS, type LimitName } from '../../shared/limits.ts';
import type { DaemonStatus } from '../../shared/port-sharing/handshake/status.ts';
import { LOG_EVENTS } from '../../shared/port-sharing/machine/log.ts';
import { received } from '../../shared/printable.ts';
import { daemonMetrics } from '../../shared/tool/daemon-metrics.ts';
import { CLIENT, PORT_SHARING, SERVICE } from '../helpers/command.ts';

const read = (page: string): string => readFileSync(page, 'utf8');
const commandsPage = read('docs/commands.md');

/** All code of the product. */
const sources = (): string => textOf(['shared', 'service', 'client']);

function textOf(roots: readonly string[]): string {
  return roots
    .flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => read(`${root}/${name}`)),
    )
    .join('\n');
}

/** The text of the page of commands under a heading, up to the next one of its level or above. */
function section(heading: string): string {
  const level = heading.split(' ', 1)[0]?.length ?? 1;
  const start = commandsPage.indexOf(`${heading}\n`);
  expect(start, heading).toBeGreaterThanOrEqual(0);
  const rest = commandsPage.slice(start + heading.length);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

test('every error code and reason, with its exit status', () => {
  const rows = [
    ...read('docs/errors.md').matchAll(/^\| `(\w+)`(?:, reason `([\w-]+)`)? +\| (\d+) +\|/gm),
  ];
  const documented = rows.map(([, code, reason, status]) => `${reason ?? code} ${status}`);
  const actual = Object.entries({ ...EXIT_STATUS, ...REASON_EXIT_STATUS });
  expect(documented.sort()).toEqual(actual.map((entry) => entry.join(' ')).sort());
});

test('every limit, with its default', () => {
  const rows = [...read('docs/limits.md').matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)];
  const documented = Object.fromEntries(rows.map(([, name = '', value]) => [name, Number(value)]));
  expect(documented).toEqual(DEFAULT_LIMITS);
});

test('every limit, with those whose code asks for it', () => {
  const rows = [...read('docs/limits.md').matchAll(/^\| `(\w+)` +\| \d+ +\| ([a-z, ]+?) +\|/gm)];
  const whose = new Map(rows.map(([, name = '', all = '']) => [name, all.split(', ')]));
  expect([...whose.keys()].sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
  const places = {
    client: ['shared/rpc/client'],
    service: ['shared/rpc/service', 'shared/port-sharing/service'],
    daemon: ['shared/port-sharing/daemon'],
  };
  // The service reads it when it starts a daemon, and passes it on in the daemon's settings.
  const isAskedFor = (name: string): boolean => name === 'daemonReservedDescriptors';
  const unsaid = Object.entries(places).flatMap(([who, roots]) => {
    const code = textOf(roots).replaceAll(/^ *(?:\/\/|\*|\/\*\*).*$/gm, '');
    return [...whose].filter(
      ([name, all]) =>
        new RegExp(`\\b${name}\\b`).test(code) && !all.includes(who) && !isAskedFor(name),
    );
  });
  expect(unsaid).toEqual([]);
});

test('every limit, with those who are refused where they do not count', () => {
  const rows = [...read('docs/limits.md').matchAll(/^\| `(\w+)` +\| \d+ +\| ([a-z, ]+?) +\|/gm)];
  for (const [, name = '', all = ''] of rows) {
    const limit = name as LimitName;
    const whose = all.split(', ');
    const has = (...who: readonly string[]): boolean => who.some((each) => whose.includes(each));
    expect([limit, countsIn('binding', limit)]).toEqual([limit, has('client', 'service')]);
    expect([limit, countsIn('daemon', limit)]).toEqual([limit, has('daemon', 'command')]);
    const inEnvironment = has('client', 'daemon', 'command');
    expect([limit, countsIn('environment', limit)]).toEqual([limit, inEnvironment]);
  }
});

describe('every option of', () => {
  test.for<[heading: string, entry: string, commands: string[]]>([
    ['## calculator-service', SERVICE, []],
    ['## calculator-client', CLIENT, []],
    [
      '## net-tcp-port-sharing',
      PORT_SHARING,
      [
        'status',
        'start',
        'restart',
        'stop',
        'enable',
        'disable',
        'run',
        'decode',
        'route',
        'user',
        'metrics',
        'import',
        'publish',
        'front',
        'health',
      ],
    ],
  ])('%s', async ([heading, entry, commands]) => {
    const text = section(heading);
    const all = [[], ...commands.map((command) => [command])].map((args) =>
      output([process.execPath, entry, ...args, '--help']),
    );
    const help = (await Promise.all(all)).join('\n');
    const named = (from: string): string[] =>
      [
        ...new Set(
          [...from.matchAll(/(?<![\w-])--(?!no-)([a-z][a-z-]*)/g)].map(([, name = '']) => name),
        ),
      ].sort();
    const defined = [...help.matchAll(/^\s+--([a-z][a-z-]*)/gm)].map(([, name = '']) => name);
    expect(named(text)).toEqual([...new Set(defined)].sort());
    for (const command of commands) expect(text).toContain(`\`${command}`);
  });
});

test('every environment variable', () => {
  const documented = [...commandsPage.matchAll(/`(NET_TCP_PORT_SHARING_\w+)`/g)].map(
    ([, name]) => name,
  );
  const code = sources();
  const used = [...code.matchAll(/'(NET_TCP_PORT_SHARING_\w+)'/g)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(used));
});

test('every metric', () => {
  const table = /^## Metrics$.*?^## /ms.exec(read('docs/sharing.md'))?.[0] ?? '';
  const documented = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
  const endpoint = { address: 'a', pid: 1, since: '', listensOn: [], handedOver: 0, relayed: 0 };
  const metrics = daemonMetrics(
    received<DaemonStatus>({
      pid: 1,
      version: '',
      since: '',
      transfer: 'relay',
      log: '',
      activated: [],
      pending: 0,
      notFound: 0,
      dropped: 0,
      relaying: 0,
      listeners: [],
      registrations: [{ ...endpoint, queued: 0, refused: 0 }],
    }),
  );
  const names = metrics.map(({ name }) => name.replace(/^net_tcp_port_sharing_/, ''));
  expect(new Set(documented)).toEqual(new Set(names));
});

test('every event of the log', () => {
  const table = /^## The log$.*?^## /ms.exec(read('docs/sharing.md'))?.[0] ?? '';
  const rows = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell);
  const documented = rows.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(new Set(documented)).toEqual(new Set(LOG_EVENTS));
});

test('every message in troubleshooting is one that the code has', () => {
  const code = sources();
  // After the first bar of a row; `…` and `N` stand for what differs.
  const symptoms = [...read('docs/troubleshooting.md').matchAll(/^\| ([^|]+) \|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
    .filter((text) => / \w+ /.test(text));
  expect(symptoms.length).toBeGreaterThan(10);
  const parts = symptoms.flatMap((text) => text.split(/…|\bN\b/).map((part) => part.trim()));
  expect(parts.filter((part) => part.length > 5 && !code.includes(part))).toEqual([]);
});
