import type { DaemonStatus, RegistrationStatus } from '../port-sharing/handshake/messages.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import { readStartType, type StartType } from '../port-sharing/machine/start-type.ts';
import { printable } from '../printable.ts';
import { askStatus, type Context } from './context.ts';

const WATCH_MS = 1_000;

/** `net-tcp-port-sharing status`. @param watch again every second, until it is stopped. @returns exit status */
export async function showStatus(
  { paths, terminal, stop, json }: Context,
  watch: boolean,
): Promise<number> {
  const end = AbortSignal.any([stop, terminal.lost]);
  for (;;) {
    const status = await askStatus(paths);
    const startType = readStartType(paths);
    if (watch && !json && terminal.isScreen) terminal.write('\x1b[H\x1b[2J');
    if (json) terminal.out(JSON.stringify({ running: status !== undefined, startType, ...status }));
    else for (const line of formatStatus(status, startType, paths)) terminal.out(line);
    if (!watch) return 0;
    await sleep(WATCH_MS, end);
    if (end.aborted) return 0;
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

/** The lines of `net-tcp-port-sharing status`. `status` is undefined when no daemon runs. */
export function formatStatus(
  status: DaemonStatus | undefined,
  startType: StartType,
  paths: Paths,
): readonly string[] {
  const may =
    startType === 'demand'
      ? 'start type: demand (the first service starts it)'
      : 'start type: disabled (services cannot start it; enable with: net-tcp-port-sharing enable)';
  if (status === undefined) return ['No port-sharing daemon is running.', may, `log: ${paths.log}`];
  const { pid, version, transfer, since, listeners, registrations, activated = [] } = status;
  return [
    `Port-sharing daemon ${version}, pid ${pid}, ${transfer}, since ${since}`,
    may,
    `log: ${status.log}`,
    `listening on: ${listeners.length === 0 ? 'nothing' : listeners.join(', ')}`,
    ...(activated.length === 0 ? [] : [`sockets of systemd: ${activated.join(', ')}`]),
    `connections: ${status.pending} on their way, ${status.relaying} relayed now, ${status.notFound} for nobody, ${status.dropped} turned away`,
    '',
    ...(registrations.length === 0 ? ['Nobody is registered.'] : table(registrations)),
  ];
}

const HEADINGS = ['ADDRESS', 'PID', 'SINCE', 'HANDED OVER', 'RELAYED', 'QUEUED', 'REFUSED'];

function table(registrations: readonly RegistrationStatus[]): readonly string[] {
  const rows = registrations.map((one) => [
    printable(one.target === undefined ? one.address : `${one.address} → ${one.target}`),
    ...[one.pid, one.since, one.handedOver, one.relayed, one.queued, one.refused].map(String),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
