import type {
  DaemonStatus,
  FrontStatus,
  RegistrationStatus,
} from '../port-sharing/handshake/status.ts';
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
    one(
      'gauge',
      'ready',
      'Whether the health path says that clients may be sent here.',
      status.leaving === true ? 0 : 1,
    ),
    ...ofFronts(status.fronts ?? []),
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

/** Metrics with one value for each trusted front that has come. */
function ofFronts(fronts: readonly Received<FrontStatus>[]): readonly Metric[] {
  const each = (
    type: Metric['type'],
    name: string,
    help: string,
    valueOf: (front: Received<FrontStatus>) => number,
  ): Metric => ({
    name: `${PREFIX}_front_${name}`,
    type,
    help,
    samples: fronts.map((front) => ({
      labels: { front: front.address },
      value: valueOf(front),
    })),
  });
  return [
    each(
      'counter',
      'connections_total',
      'Connections of clients that came through this trusted front.',
      ({ connections }) => connections,
    ),
    each(
      'counter',
      'checks_total',
      'How often this trusted front has asked the health path.',
      ({ checks }) => checks,
    ),
    each(
      'gauge',
      'last_seen_timestamp_seconds',
      'When this trusted front came last, in seconds since 1970.',
      ({ lastSeen }) => Date.parse(rawText(lastSeen)) / 1_000,
    ),
  ];
}

/** Metrics with one value for each endpoint. */
function ofEndpoints(registrations: readonly Received<RegistrationStatus>[]): readonly Metric[] {
  const each = (
    type: Metric['type'],
    name: string,
    help: string,
    valueOf: (registration: Received<RegistrationStatus>) => number | undefined,
  ): Metric => ({
    name: `${PREFIX}_endpoint_${name}`,
    type,
    help,
    samples: registrations.flatMap((registration): readonly Sample[] => {
      const value = valueOf(registration);
      return value === undefined ? [] : [{ labels: labelsOf(registration), value }];
    }),
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
    each(
      'counter',
      'calls_total',
      'Calls that have come to this endpoint since its service started, as that says.',
      ({ calls }) => calls,
    ),
    each(
      'counter',
      'faults_total',
      'Those of them that were answered with a fault.',
      ({ faults }) => faults,
    ),
  ];
}

/** Several processes may have one address: each has values of its own. */
function labelsOf({ address, pid }: Received<RegistrationStatus>): NonNullable<Sample['labels']> {
  return { address, pid: String(pid) };
}
