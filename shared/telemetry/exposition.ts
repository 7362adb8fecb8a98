import { printable, type Untrusted } from '../printable.ts';

/** One family of the Prometheus text format: a name, what it means, and its values. */
export interface Metric {
  /** By Prometheus's conventions: a unit or `_total` at the end. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of the name, in a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
  /** Values may be anybody's text. */
  readonly labels?: Readonly<Record<string, string | Untrusted>>;
  readonly value: number;
}

/** Of the text format, version 0.0.4, as scrapers ask for it. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text format, version 0.0.4, as Prometheus and the textfile collector read it. Families without samples are left out. */
export function exposition(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, type, help, samples }) => {
    if (samples.length === 0) return [];
    const head = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
    return [
      ...head,
      ...samples.map(
        ({ suffix = '', labels = {}, value }) => `${name}${suffix}${shown(labels)} ${value}`,
      ),
    ];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function shown(labels: NonNullable<Sample['labels']>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** What is printable holds no line end. */
function escaped(value: string | Untrusted): string {
  return printable(value, Infinity).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
