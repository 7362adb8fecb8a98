// `net-tcp-port-sharing metrics`: what Prometheus reads, and what it makes of it.
import { expect, test } from 'vitest';
import { run } from '../../scripts/run.ts';
import type { DaemonStatus } from '../../shared/port-sharing/handshake/status.ts';
import { daemonMetrics } from '../../shared/tool/daemon-metrics.ts';
import { exposition } from '../../shared/telemetry/exposition.ts';
import {
  CLIENT,
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../helpers/command.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';
import { received } from '../../shared/printable.ts';

const NAME = 'net_tcp_port_sharing';
const HOSTILE = 'net.tcp://x/"\\\n# TYPE evil counter\u2028\u001b[2J';

/** A daemon with three endpoints: one hostile, one that says what it does, one a route. */
const STATUS: DaemonStatus = {
  pid: 4_711,
  version: '0.2.0',
  since: '2026-11-28T12:00:00.500Z',
  transfer: 'hand-over',
  activated: [],
  log: '/log',
  listeners: ['127.0.0.1:9000', '[::1]:9000'],
  pending: 1,
  notFound: 2,
  dropped: 3,
  relaying: 4,
  trusted: ['10.0.0.0/30'],
  fronts: [
    { address: '10.0.0.2', connections: 10, checks: 11, lastSeen: '2026-11-28T12:00:09.5Z' },
    { address: HOSTILE, connections: 1, checks: 0, lastSeen: '2026-11-28T12:00:09Z' },
  ],
  registrations: [
    {
      address: HOSTILE,
      pid: 7,
      since: '2026-11-28T12:00:01Z',
      listensOn: ['127.0.0.1'],
      security: 'tls, client certificate',
      handedOver: 5,
      relayed: 6,
      queued: 7,
      refused: 8,
    },
    {
      address: 'net.tcp://localhost:9000/sum',
      pid: 8,
      since: '2026-11-28T12:00:02Z',
      listensOn: ['127.0.0.1'],
      handedOver: 1,
      relayed: 0,
      queued: 0,
      refused: 0,
      calls: 13,
      faults: 12,
    },
    {
      address: 'net.tcp://localhost:9000/orders',
      pid: 4_711,
      since: '2026-11-28T12:00:02Z',
      listensOn: ['127.0.0.1'],
      target: '127.0.0.1:9101',
      handedOver: 0,
      relayed: 9,
      queued: 0,
      refused: 0,
    },
  ],
};

const linesOf = (text: string): string[] => text.split('\n');
/** The value of the metric that is written so. */
const valueOf = (text: string, metric: string): string | undefined =>
  linesOf(text)
    .find((line) => line.startsWith(`${metric} `))
    ?.slice(metric.length + 1);

test.for<[metric: string, value: string | undefined]>([
  ['up', '1'],
  ['daemon_info{version="0.2.0",transfer="hand-over"}', '1'],
  ['daemon_start_time_seconds', '1795867200.5'],
  ['listeners', '2'],
  ['endpoints', '3'],
  ['connections_pending', '1'],
  ['connections_not_found_total', '2'],
  ['connections_dropped_total', '3'],
  ['connections_relaying', '4'],
  [
    'endpoint_info{address="net.tcp://localhost:9000/orders",pid="4711",security="",target="127.0.0.1:9101"}',
    '1',
  ],
  ['ready', '1'],
  ['front_connections_total{front="10.0.0.2"}', '10'],
  ['front_checks_total{front="10.0.0.2"}', '11'],
  ['front_last_seen_timestamp_seconds{front="10.0.0.2"}', '1795867209.5'],
  ['endpoint_calls_total{address="net.tcp://localhost:9000/sum",pid="8"}', '13'],
  ['endpoint_faults_total{address="net.tcp://localhost:9000/sum",pid="8"}', '12'],
  // What does not say has no figure, not 0.
  ['endpoint_calls_total{address="net.tcp://localhost:9000/orders",pid="4711"}', undefined],
  ['endpoint_connections_relayed_total{address="net.tcp://localhost:9000/orders",pid="4711"}', '9'],
])('%s is %s', ([metric, value]) => {
  expect(valueOf(exposition(daemonMetrics(received(STATUS))), `${NAME}_${metric}`)).toBe(value);
});

test('text from peers stays within its label', () => {
  const text = exposition(daemonMetrics(received(STATUS)));
  for (const line of linesOf(text).slice(0, -1)) {
    expect(line).toMatch(/^(?:# (?:HELP|TYPE) )?net_tcp_port_sharing_\w+(?:\{.*\})? \P{Cc}+$/u);
  }
  expect(text).not.toMatch(/[\p{Zl}\p{Zp}]/u);
});

test('a daemon that leaves is not ready', () => {
  const text = exposition(daemonMetrics(received({ ...STATUS, leaving: true })));
  expect(valueOf(text, `${NAME}_ready`)).toBe('0');
});

test('no daemon: it is down, and nothing else is said', () => {
  const lines = linesOf(exposition(daemonMetrics(undefined)));
  expect(lines.slice(1)).toEqual([`# TYPE ${NAME}_up gauge`, `${NAME}_up 0`, '']);
});

test('Prometheus takes them, and does not complain of their names', async ({ skip }) => {
  const there = await run(['sh', '-c', 'command -v promtool']);
  if (there.status !== 0) skip('promtool is not installed: test/tool/prometheus/install.sh');
  for (const status of [STATUS, undefined, { ...STATUS, registrations: [] }]) {
    const input = exposition(daemonMetrics(status && received(status)));
    const checked = await run(['promtool', 'check', 'metrics'], { input });
    expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
  }
  // It does read what it is given.
  const wrong = await run(['promtool', 'check', 'metrics'], { input: 'x_total 1\n# TYPE x_total' });
  expect(wrong.status).not.toBe(0);
});

test('printed once: what a daemon counted', async () => {
  const directory = privateDirectory();
  const down = await runCommand(PORT_SHARING, ['metrics'], { directory });
  expect(down).toMatchObject({ status: 0, stderr: '' });
  expect(valueOf(down.stdout, `${NAME}_up`)).toBe('0');
  const { port, number, address, service } = await startService(directory);
  await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2'], { directory });
  const stranger = new RawClient(port);
  stranger.send(preamble(`net.tcp://localhost:${port}/nobody`));
  await stranger.expect('fault');
  const { stdout } = await runCommand(PORT_SHARING, ['metrics'], { directory });
  const labels = `{address="${address}",pid="${service.pid}"}`;
  const given = ['handed_over', 'relayed'].map((how) =>
    Number(valueOf(stdout, `${NAME}_endpoint_connections_${how}_total${labels}`)),
  );
  expect(given.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(valueOf(stdout, `${NAME}_connections_not_found_total`)).toBe('1');
  const json = await runCommand(PORT_SHARING, ['metrics', '--json'], { directory });
  expect(JSON.parse(json.stdout)).toContainEqual(
    expect.objectContaining({ name: `${NAME}_up`, samples: [{ value: 1 }] }),
  );
});

test('served over HTTP until it is stopped', async () => {
  const directory = privateDirectory();
  const args = ['metrics', '--json', '--listen', '127.0.0.1:0'];
  const command = new Command(PORT_SHARING, args, { directory });
  const url = String((await command.ready())['url']);
  await startService(directory);
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(valueOf(await answer.text(), `${NAME}_endpoints`)).toBe('1');
  expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  const { port } = new URL(url);
  const second = await runCommand(PORT_SHARING, ['metrics', '--listen', `127.0.0.1:${port}`]);
  expect(second).toMatchObject({ status: 73, stdout: '' });
  expect(second.stderr).toContain(`already a listener on IP endpoint 127.0.0.1:${port}`);
  command.kill('SIGTERM');
  expect(await command.finished).toMatchObject({ status: 0, stderr: '' });
});

test.for(['9464', 'localhost', '127.0.0.1:99999', 'http://127.0.0.1:9464/'])(
  '--listen %j is refused',
  async (listen) => {
    const refused = await runCommand(PORT_SHARING, ['metrics', '--listen', listen]);
    expect(refused).toMatchObject({ status: 64, stdout: '' });
    expect(refused.stderr).toContain('write --listen 127.0.0.1:9464');
  },
);
