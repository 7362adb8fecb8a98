// `CallMetrics`: what Prometheus reads of a service's calls.
import { expect, test } from 'vitest';
import { run } from '../../scripts/run.ts';
import { CallMetrics, type CallEvent } from '../../shared/index.ts';

const CALL: CallEvent = {
  kind: 'server',
  contract: 'ITest',
  operation: 'Add',
  via: 'net.tcp://localhost:9000/test',
  caller: { kind: 'anonymous', name: '' },
  startedAt: 0,
  trace: undefined,
};
const LABELS = 'kind="server",contract="ITest",operation="Add"';

function after(
  calls: readonly (readonly [code: 'OK' | 'Fault', durationMs: number])[],
): CallMetrics {
  const metrics = new CallMetrics();
  for (const [code, durationMs] of calls) {
    const heard = metrics.onCall(CALL);
    heard?.onEnd?.({ code, durationMs, error: undefined });
  }
  return metrics;
}

test.for([
  [`net_tcp_calls_total{${LABELS},code="OK"} 3`],
  [`net_tcp_calls_total{${LABELS},code="Fault"} 1`],
  [`net_tcp_calls_running{${LABELS}} 0`],
  // A call that takes exactly a bound is within it.
  [`net_tcp_call_duration_seconds_bucket{${LABELS},le="0.0005"} 1`],
  [`net_tcp_call_duration_seconds_bucket{${LABELS},le="0.001"} 2`],
  [`net_tcp_call_duration_seconds_bucket{${LABELS},le="0.025"} 2`],
  [`net_tcp_call_duration_seconds_bucket{${LABELS},le="0.05"} 3`],
  [`net_tcp_call_duration_seconds_bucket{${LABELS},le="10"} 3`],
  [`net_tcp_call_duration_seconds_bucket{${LABELS},le="+Inf"} 4`],
  [`net_tcp_call_duration_seconds_sum{${LABELS}} 20.0315`],
  [`net_tcp_call_duration_seconds_count{${LABELS}} 4`],
])('%s', ([line]) => {
  const metrics = after([
    ['OK', 0.5],
    ['OK', 1],
    ['Fault', 30],
    ['OK', 20_000],
  ]);
  expect(metrics.text().split('\n')).toContain(line);
});

test('calls that are running, and requests that named no operation', () => {
  const metrics = new CallMetrics();
  metrics.onCall(CALL);
  metrics.onCall({ ...CALL, operation: undefined });
  const lines = metrics.text().split('\n');
  expect(lines).toContain(`net_tcp_calls_running{${LABELS}} 1`);
  expect(lines).toContain('net_tcp_calls_running{kind="server",contract="ITest",operation=""} 1');
  expect(metrics.text()).not.toContain('calls_total');
});

test('before the first call there is no text', () => {
  expect(new CallMetrics().text()).toBe('');
});

test('Prometheus takes the histogram, and does not complain of its names', async ({ skip }) => {
  const there = await run(['sh', '-c', 'command -v promtool']);
  if (there.status !== 0) skip('promtool is not installed: test/tool/prometheus/install.sh');
  const input = after([
    ['OK', 0.5],
    ['Fault', 20_000],
  ]).text();
  const checked = await run(['promtool', 'check', 'metrics'], { input });
  expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' });
  // promtool does check histograms.
  const wrong = input.replaceAll(/^.*_bucket.*le="\+Inf".*\n/gm, '').replace('_seconds_sum', '_s');
  expect((await run(['promtool', 'check', 'metrics'], { input: wrong })).status).not.toBe(0);
});
