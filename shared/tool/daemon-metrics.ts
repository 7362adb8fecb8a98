import type { DaemonStatus, RegistrationStatus } from '../port-sharing/handshake/status.ts';
import { rawText, type Received } from '../printable.ts';
import type { Metric, Sample } from '../telemetry/exposition.ts';

const PREFIX = 'net_tcp_port_sharing';

/**
 * What the daemon counts, as metrics. Counters begin at 0 with each daemon, and those of an endpoint with each
 * registration: Prometheus takes that for a restart.
 *
 * @param status `undefined` if no daemon runs
 */
export function daemonMetrics(status: Received<DaemonStatus> | undefined): readonly Metric[] {
  const up: Metric = {
    name: `${PREFIX}_up`,
    type: 'gauge',
    help: 'Whether a port-sharing daemon of this user runs.',
    samples: [{ value: status === undefined ? 0 : 1 }],
  };
  if (status === undefined) return [up];
  const { version, transfer, registrations } = status;
  const one = (type: Metric['type'], name: string, help: string, value: number): Metric => ({
    name: `${PREFIX}_${name}`,
    type,
    help,
    samples: [{ value }],
  });
  return [
    up,
    {
      name: `${PREFIX}_daemon_info`,
      type: 'gauge',
      help: 'Version of the daemon, and how connections get to services.',
      samples: [{ labels: { version, transfer }, value: 1 }],
    },
    one(
      'gauge',
      'daemon_start_time_seconds',
      'When the daemon started, in seconds since 1970.',
      Date.parse(rawText(status.since)) / 1_000,
    ),
    one('gauge', 'listeners', 'Listening sockets.', status.listeners.length),
    one(
      'gauge',
      'endpoints',
      'Registered addresses, static routes included.',
      registrations.length,
    ),
    one(
      'gauge',
      'connections_pending',
      'Connections that are accepted, and not with a service yet.',
      status.pending,
    ),
    one(
      'gauge',
      'connections_relaying',
      'Connections that go through the daemon now.',
      status.relaying,
    ),
    one(
      'counter',
      'connections_not_found_total',
      'Connections that asked for an address that nobody has registered.',
      status.notFound,
    ),
    one(
      'counter',
      'connections_dropped_total',
      'Connections turned away because there were too many.',
      status.dropped,
    ),
    {
      name: `${PREFIX}_endpoint_info`,
      type: 'gauge',
      help: 'What is registered: how its clients are secured, and where a static route leads.',
      samples: registrations.map((registration) => ({
        labels: {
          ...labelsOf(registration),
          security: registration.security ?? '',
          target: registration.target ?? '',
        },
        value: 1,
      })),
    },
    ...ofEndpoints(registrations),
  ];
}

/** Metrics with one value for each endpoint. */
function ofEndpoints(registrations: readonly Received<RegistrationStatus>[]): readonly Metric[] {
  const each = (
    type: Metric['type'],
    name: string,
    help: string,
    valueOf: (registration: Received<RegistrationStatus>) => number,
  ): Metric => ({
    name: `${PREFIX}_endpoint_${name}`,
    type,
    help,
    samples: registrations.map((registration): Sample => ({
      labels: labelsOf(registration),
      value: valueOf(registration),
    })),
  });
  return [
    each(
      'counter',
      'connections_handed_over_total',
      'Connections handed over to this endpoint since it registered.',
      ({ handedOver }) => handedOver,
    ),
    each(
      'counter',
      'connections_relayed_total',
      'Connections relayed to this endpoint since it registered.',
      ({ relayed }) => relayed,
    ),
    each(
      'counter',
      'connections_refused_total',
      'Connections told ServerTooBusy because too many waited for this endpoint.',
      ({ refused }) => refused,
    ),
    each(
      'gauge',
      'connections_queued',
      'Connections that wait for this endpoint now.',
      ({ queued }) => queued,
    ),
  ];
}

/** Several processes may have one address: each has values of its own. */
function labelsOf({ address, pid }: Received<RegistrationStatus>): NonNullable<Sample['labels']> {
  return { address, pid: String(pid) };
}
