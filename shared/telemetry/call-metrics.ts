import type { CallEnd, OnCall } from '../rpc/call-events.ts';
import { exposition, type Metric } from './exposition.ts';

/** Upper bounds of the histogram's buckets, in seconds: a call over loopback takes tenths of a millisecond. */
const BOUNDS: readonly number[] = [
  0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** The calls of one operation that ended with one code. */
interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  count: number;
}

/** How long the calls of one operation took. */
interface Durations {
  readonly labels: Readonly<Record<string, string>>;
  /** Calls for each of {@link BOUNDS}, and those that took longer. */
  readonly buckets: number[];
  sum: number;
}

/**
 * Counts calls, by operation and by what became of them, and how long they took:
 *
 *     const metrics = new CallMetrics();
 *     const host = new ServiceHost(binding, { onCall: metrics.onCall });
 *     http.createServer((_, response) => response.end(metrics.text())).listen(9465);
 *
 * Its labels are names of contracts and operations, and codes: as many as the contracts have.
 */
export class CallMetrics {
  readonly #ended = new Map<string, Counted>();
  readonly #durations = new Map<string, Durations>();
  readonly #running = new Map<string, Counted>();

  /** For the option `onCall` of hosts and factories: several may share one. */
  readonly onCall: OnCall = ({ kind, contract, operation = '' }) => {
    const labels = { kind, contract, operation };
    const key = `${kind} ${contract} ${operation}`;
    const running = entry(this.#running, key, () => ({ labels, count: 0 }));
    running.count += 1;
    return {
      onEnd: ({ code, durationMs }) => {
        running.count -= 1;
        const fresh = (): Counted => ({ labels: { ...labels, code }, count: 0 });
        entry(this.#ended, `${key} ${code}`, fresh).count += 1;
        this.#took(key, labels, durationMs);
      },
    };
  };

  #took(key: string, labels: Durations['labels'], durationMs: CallEnd['durationMs']): void {
    const seconds = durationMs / 1_000;
    const durations = entry(this.#durations, key, () => ({
      labels,
      buckets: Array.from({ length: BOUNDS.length + 1 }, () => 0),
      sum: 0,
    }));
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    const index = at < 0 ? BOUNDS.length : at;
    durations.buckets[index] = (durations.buckets[index] ?? 0) + 1;
    durations.sum += seconds;
  }

  /** All of them, in Prometheus's text format; to be served as `text/plain; version=0.0.4; charset=utf-8`. */
  text(): string {
    const counts = (of: ReadonlyMap<string, Counted>): Metric['samples'] =>
      [...of.values()].map(({ labels, count }) => ({ labels, value: count }));
    return exposition([
      {
        name: 'net_tcp_calls_total',
        type: 'counter',
        help: 'Calls that have ended, by what became of them: OK, or the code of an error.',
        samples: counts(this.#ended),
      },
      {
        name: 'net_tcp_calls_running',
        type: 'gauge',
        help: 'Calls that have not ended yet.',
        samples: counts(this.#running),
      },
      {
        name: 'net_tcp_call_duration_seconds',
        type: 'histogram',
        help: 'How long calls took.',
        samples: [...this.#durations.values()].flatMap(samplesOf),
      },
    ]);
  }
}

function entry<T>(of: Map<string, T>, key: string, fresh: () => T): T {
  const found = of.get(key);
  if (found !== undefined) return found;
  const made = fresh();
  of.set(key, made);
  return made;
}

function samplesOf({ labels, buckets, sum }: Durations): Metric['samples'] {
  let count = 0;
  const cumulated = buckets.map((inBucket, index) => {
    count += inBucket;
    const bound = BOUNDS[index];
    return {
      suffix: '_bucket',
      labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) },
      value: count,
    };
  });
  return [
    ...cumulated,
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ];
}
