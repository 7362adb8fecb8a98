import { printable } from '../printable.ts';
import type { DaemonStatus, RegistrationStatus } from '../port-sharing/handshake/messages.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import type { StartType } from '../port-sharing/machine/start-type.ts';

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
