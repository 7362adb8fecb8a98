import { NetTcpError } from './errors.ts';
import { DEFAULT_LIMITS, type LimitName, type Limits, withLimits } from './limits.ts';
import { optionsOf } from './options.ts';

/** Where limits are given: to a binding, to a daemon's command line, or in the environment of daemons and commands. */
export type LimitPlace = 'binding' | 'daemon' | 'environment';

/** Those that no service or client asks for: they count in the daemon, or in a command of `net-tcp-port-sharing`. */
const NOT_OF_BINDINGS: readonly LimitName[] = [
  'maxXmlPrintedChars',
  'maxMetadataBytes',
  'maxProxyHeaderBytes',
  'leaveMs',
  'daemonReservedDescriptors',
  'silentAfterMs',
  'maxPendingPreambles',
  'earlyDropPreambles',
  'maxPendingPreamblesPerSource',
  'busyAfterMs',
  'maxDescriptorsPerProcess',
  'maxControlBytesPerProcess',
  'maxRegistrationsPerService',
  'maxReplicas',
  'maxRegistrations',
  'idleExitMs',
  'recoveryGraceMs',
  'departureGraceMs',
  'maxLogBytes',
];

/** Those that services alone ask for. */
const OF_SERVICES: readonly LimitName[] = [
  'maxUpgradeBytes',
  'hostCloseTimeoutMs',
  'maxConcurrentSessions',
  'maxSessionsPerSource',
  'maxPendingHandshakes',
  'maxPendingHandshakesPerSource',
  'giveWayAfterMs',
  'maxConnectionAgeMs',
  'maxUnsentBytes',
  'maxUnsentCallbackBytes',
  'slowReaderTimeoutMs',
  'maxTotalUnsentBytes',
  'maxTotalPartialBytes',
  'maxContextTokens',
  'maxContextTokensPerCaller',
  'contextTokenLifetimeMs',
  'contextTokenIdleMs',
  'maxPendingPasswords',
  'serviceReservedDescriptors',
];

/** Those that clients ask for, and the daemon does not. `import` is a client, too. */
const OF_CLIENTS: readonly LimitName[] = [
  'maxFaultBytes',
  'maxReceivedMessageSize',
  'maxBufferSize',
  'keptAckTimeoutMs',
  'silentPeerTimeoutMs',
  'receiveTimeoutMs',
  'closeTimeoutMs',
  'sendTimeoutMs',
  'idleTimeoutMs',
  'leaseTimeoutMs',
  'maxOutboundConnectionsPerEndpoint',
  'maxOpenAttempts',
  'maxConcurrentCalls',
  'maxErrorLinesPerSecond',
  'maxDepth',
  'maxFaultTextChars',
  'maxSessionSize',
  'maxXmlNodes',
  'maxXmlAttributes',
  'maxXmlReferenceChars',
];

const TO_BINDINGS =
  'counts in services and clients: give it to their NetTcpBinding, as limits: { … }';

/** What does not count at a place, and where it does. */
const FOREIGN: Readonly<
  Record<LimitPlace, readonly [names: ReadonlySet<LimitName>, text: string]>
> = {
  binding: [
    new Set(NOT_OF_BINDINGS),
    'counts in the daemon or in a command: give it in NET_TCP_PORT_SHARING_LIMITS',
  ],
  daemon: [new Set([...OF_SERVICES, ...OF_CLIENTS]), TO_BINDINGS],
  environment: [new Set(OF_SERVICES), TO_BINDINGS],
};

/** Whether a limit counts where it is given. */
export function countsIn(place: LimitPlace, name: LimitName): boolean {
  return !FOREIGN[place][0].has(name);
}

/** Names of the limits that a `NetTcpBinding` takes. */
export const BINDING_LIMITS: readonly string[] = Object.keys(
  optionsOf(
    'the limits of NetTcpBinding',
    Object.fromEntries(
      Object.entries(DEFAULT_LIMITS).filter(([name]) => countsIn('binding', name as LimitName)),
    ),
  ),
);

/**
 * The limits of a binding or of the daemon: the defaults with some of them replaced.
 *
 * @throws {NetTcpError} `Usage`, as {@link withLimits}, and for a limit that does not count there, with where it does
 */
export function limitsOf(place: LimitPlace, overrides: Partial<Limits> = {}): Limits {
  const limits = withLimits(overrides);
  const [names, text] = FOREIGN[place];
  for (const name of names) {
    if (overrides[name] !== undefined) throw new NetTcpError('Usage', `${name} ${text}`);
  }
  return limits;
}
