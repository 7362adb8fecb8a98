import { restMs } from '../port-sharing/handshake/ask.ts';
import type { DaemonStatus, RegistrationStatus } from '../port-sharing/handshake/status.ts';
import type { Inherited } from '../port-sharing/machine/inheritance.ts';
import { readStartType, type StartType } from '../port-sharing/machine/start-type.ts';
import { jsonLine, printable, rawText, type Received, type Untrusted } from '../printable.ts';
import { sleep } from '../time.ts';
import { toolCommand } from '../own-package.ts';
import { askStatus, type Context } from './context.ts';

const WATCH_MS = 1_000;

/** `net-tcp-port-sharing status`. @param watch show it again every second, until stopped. @returns exit status */
export async function showStatus(
  { paths, terminal, stop, json }: Context,
  watch: boolean,
): Promise<number> {
  const end = AbortSignal.any([stop, terminal.lost]);
  for (;;) {
    const askedAt = performance.now();
    const status = await askStatus(paths);
    const tookMs = performance.now() - askedAt;
    const startType = readStartType(paths);
    const width = terminal.columns;
    if (watch && !json && width !== undefined) terminal.write('\x1b[H\x1b[2J');
    if (json) terminal.out(jsonLine({ running: status !== undefined, startType, ...status }));
    else {
      const lines = formatStatus(status, startType, paths.log, { now: Date.now(), width });
      for (const line of lines) terminal.out(line);
    }
    if (!watch) return 0;
    await sleep(restMs(tookMs, WATCH_MS), 0, end);
    if (end.aborted) return 0;
  }
}

interface StatusLayout {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Columns of the screen; `undefined` if lines may have any length. */
  readonly width: number | undefined;
}

/** The lines of `net-tcp-port-sharing status`. `status` is `undefined` if no daemon runs. */
export function formatStatus(
  status: Received<DaemonStatus> | undefined,
  startType: StartType,
  log: string,
  { now, width }: StatusLayout,
): readonly string[] {
  const may =
    startType === 'demand'
      ? 'start type: demand (the first service starts it)'
      : `start type: disabled (services cannot start it; enable with: ${toolCommand('enable')})`;
  const lines = (texts: readonly string[]): readonly string[] =>
    texts.flatMap((text) => wrap(printable(text, Infinity), width));
  if (status === undefined)
    return lines(['No port-sharing daemon is running.', may, `log: ${log}`]);
  const { pid, version, transfer, since, listeners, registrations, activated } = status;
  const inherited = inheritedTexts(status);
  return [
    ...lines([
      `Port-sharing daemon ${all(version)}, pid ${pid}, ${transfer}, started ${ago(since, now)}`,
      may,
      `log: ${all(status.log)}`,
      `listening on: ${listeners.length === 0 ? 'nothing' : listeners.map(all).join(', ')}`,
      ...(inherited.length === 0
        ? []
        : [`inherited from whoever started it: ${inherited.join(', ')}`]),
      ...(activated.length === 0 ? [] : [`sockets from systemd: ${activated.map(all).join(', ')}`]),
      ...frontTexts(status),
      `connections since it started: ${status.pending} on their way, ${status.relaying} relayed now, ${status.notFound} for unknown endpoints, ${status.dropped} turned away`,
    ]),
    '',
    ...(registrations.length === 0
      ? ['No service is registered.']
      : showRegistrations(registrations, { now, width })),
  ];
}

/** What came through each front, if some are trusted. */
function frontTexts({ trusted = [], fronts = [] }: Received<DaemonStatus>): readonly string[] {
  if (trusted.length === 0) return [];
  const each = fronts.map(
    ({ address, connections, checks }) =>
      `${all(address)} (${counted(connections, 'connection')}, ${counted(checks, 'health check')})`,
  );
  return [
    `fronts: ${each.length > 0 ? each.join(', ') : `none of ${trusted.map(all).join(', ')} has come yet`}`,
  ];
}

/** `1 connection`, `2 connections`. */
function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function inheritedTexts(status: Inherited): readonly string[] {
  const { nice, descriptors, cpuSeconds, memoryBytes, oomScoreAdj } = status;
  const texts = [
    nice && `it gives way to other programs (nice ${nice})`,
    descriptors && `it may have ${descriptors} files and connections open`,
    cpuSeconds && `it ends after ${cpuSeconds} s of processor time`,
    memoryBytes && `it may use ${Math.round(memoryBytes / 2 ** 20)} MiB of memory`,
    oomScoreAdj && `it ends before others when memory is short (oom_score_adj ${oomScoreAdj})`,
  ];
  return texts.filter((text) => typeof text === 'string');
}

/** A text of the daemon, whole. */
function all(text: Untrusted): string {
  return printable(text, Infinity);
}

const HEADINGS = [
  'ADDRESS',
  'PID',
  'SINCE',
  'SECURITY',
  'HANDED OVER',
  'RELAYED',
  'QUEUED',
  'REFUSED',
];
const SECURITY = 3;
const FIRST_COUNT = 4;
// Counts that are mostly 0: a column of zeros is left out where there is no room for it.
const OPTIONAL_COUNTS = [5, 6, 7];
const NOT_SAID = '–';
const GAP = '  ';

/** A table; if that is too wide, without what is 0 or the same for all; if it still is, a few lines for each. */
function showRegistrations(
  registrations: readonly Received<RegistrationStatus>[],
  { now, width = Infinity }: StatusLayout,
): readonly string[] {
  const rows = registrations.map((one) => [
    one.target === undefined ? all(one.address) : `${all(one.address)} → ${all(one.target)}`,
    String(one.pid),
    ago(one.since, now),
    one.security === undefined ? NOT_SAID : all(one.security),
    ...[one.handedOver, one.relayed, one.queued, one.refused].map(String),
  ]);
  const full = table([HEADINGS, ...rows], width);
  if (full !== undefined) return full;
  const areAll = (column: number, text: string): boolean =>
    rows.every((row) => row[column] === text);
  const security = rows[0]?.[SECURITY] ?? NOT_SAID;
  const isSame = areAll(SECURITY, security);
  const kept = HEADINGS.flatMap((_, column) => {
    const isLeftOut =
      column === SECURITY ? isSame : OPTIONAL_COUNTS.includes(column) && areAll(column, '0');
    return isLeftOut ? [] : [column];
  });
  const narrow = table(
    [HEADINGS, ...rows].map((row) => kept.map((column) => row[column] ?? '')),
    width,
  );
  if (narrow !== undefined) {
    return isSame ? [...wrap(`security of each: ${security}`, width), '', ...narrow] : narrow;
  }
  return rows.flatMap(([address = '', pid = '', since = '', security = '', ...counts]) => {
    const named = counts.flatMap((count, index) =>
      index > 0 && count === '0'
        ? []
        : [`${count} ${HEADINGS[index + FIRST_COUNT]?.toLowerCase() ?? ''}`],
    );
    const about = `pid ${pid}, registered ${since}, security: ${security}; ${named.join(', ')}`;
    return [address, ...wrap(about, width - GAP.length).map((line) => `${GAP}${line}`)];
  });
}

/** Rows in columns; `undefined` if a line is wider than `width`. */
function table(rows: readonly (readonly string[])[], width: number): readonly string[] | undefined {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  return lines.every((line) => line.length <= width) ? lines : undefined;
}

/** Lines of at most `width` columns, broken between words; a longer word stays whole, so that it can be copied. */
function wrap(text: string, width = Infinity): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

const UNITS = [
  ['day', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** How long ago a time was, in its largest unit; text that is not a time is returned as it can be shown. */
function ago(time: Untrusted, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(rawText(time))) / 1_000));
  if (Number.isNaN(seconds)) return all(time);
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ['s', 1];
  const count = Math.floor(seconds / size);
  return `${count} ${unit === 'day' && count !== 1 ? 'days' : unit} ago`;
}
