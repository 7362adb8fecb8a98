import { NetTcpError } from './errors.ts';
import { nearestName, WHOLE_NUMBER } from './options.ts';
import { quoted, shown } from './printable.ts';

/**
 * Every size, count and time limit of the suite, with what it stops and why that number.
 *
 * `…Bytes` and sizes are bytes, `…Ms` milliseconds, the rest are counts. Defaults follow WCF's
 * where WCF has the setting, so that a peer written against WCF meets the limits it knows.
 */
export const DEFAULT_LIMITS = {
  // ── framing ────────────────────────────────────────────────────────────────────────────────
  /** Stops allocation by length prefix before a route is known. WCF's constant. */
  maxViaBytes: 2_048,
  /** As above, for the content type of an extensible-encoding record. WCF's constant. */
  maxContentTypeBytes: 256,
  /** As above, for an upgrade request's name. WCF's constant. */
  maxUpgradeBytes: 256,
  /** Stops a hostile service from filling the client through a fault record. WCF's constant. */
  maxFaultBytes: 256,
  /** One envelope, or one streamed message as a whole: stops memory exhaustion. WCF's default. */
  maxReceivedMessageSize: 65_536,
  /**
   * Bytes of a streamed message before the stream in it: stops memory exhaustion where maxReceivedMessageSize is
   * raised for long streams. WCF's MaxBufferSize.
   */
  maxBufferSize: 65_536,
  /**
   * Bytes to read and throw away after a fault, so that no reset overtakes it: a client that writes all of a too
   * large message before it reads would see a broken pipe. None of them are kept.
   */
  faultDrainBytes: 16_777_216,
  /** In this time at least a 64th of that has to come: nobody waits for a peer that neither sends nor closes. */
  faultDrainMs: 1_000,

  // ── sessions ───────────────────────────────────────────────────────────────────────────────
  /** From accept to a complete preamble, absolute: stops connections that send nothing or drip bytes. */
  preambleTimeoutMs: 5_000,
  /** A session without a message for this long is given up: stops abandoned clients. WCF's ReceiveTimeout. */
  receiveTimeoutMs: 600_000,
  /** Connect, preamble and ack, including retries. WCF's OpenTimeout. */
  openTimeoutMs: 60_000,
  /** From our End to the peer's. WCF's CloseTimeout. */
  closeTimeoutMs: 60_000,
  /** From a call to its answer. WCF's SendTimeout. */
  sendTimeoutMs: 60_000,
  /** How long a closing host waits for running calls. WCF's ServiceHost.CloseTimeout. */
  hostCloseTimeoutMs: 10_000,
  /**
   * Open sessions of a host. Stops clients that open and stay from taking its memory, 4 KiB each. WCF's setting,
   * whose default of 100 a processor is for threads.
   */
  maxConcurrentSessions: 16_384,
  /** Those from one other machine, once the total is taken: stops one from having all. A sixteenth. */
  maxSessionsPerSource: 1_024,
  /** Upgrade handshakes in progress on a host. Stops clients that begin them from having all of its time. */
  maxPendingHandshakes: 1_024,
  /** Those from one other machine, once half of the total is taken: stops one from having all. */
  maxPendingHandshakesPerSource: 64,
  /** A session idle for less than this never gives way to a new one: a client that calls now and then stays. */
  giveWayAfterMs: 10_000,
  /**
   * How long a connection may be open, give or take a fifth; then its session ends in order, and its client opens
   * another; 0: for ever. Stops old connections from keeping all load on the machines that were there first.
   */
  maxConnectionAgeMs: 0,
  /** Between two sessions on one connection. WCF's IdleTimeout. */
  idleTimeoutMs: 120_000,
  /**
   * How long a client waits for the ack on a kept connection before it opens a fresh one. Stops a connection that
   * something on the way has forgotten from costing all of openTimeoutMs; a healthy service answers in
   * milliseconds.
   */
  keptAckTimeoutMs: 1_000,
  /**
   * A channel whose calls wait this long without a byte from the service, two of them in vain, is faulted. Stops a
   * dead connection from costing call after call its whole timeout. As long as WCF's SendTimeout.
   */
  silentPeerTimeoutMs: 60_000,
  /**
   * After this time TCP keep-alive tests an idle connection, on both sides; 0: never. It finds out in a minute
   * that a peer's machine is gone, and keeps NATs, which forget after 5 minutes or so, from forgetting.
   */
  keepAliveAfterMs: 60_000,
  /** Age at which a client stops using a pooled connection. WCF's LeaseTimeout. */
  leaseTimeoutMs: 300_000,
  /** Idle connections a client keeps for each host and port. WCF's MaxOutboundConnectionsPerEndpoint. */
  maxOutboundConnectionsPerEndpoint: 10,
  /** Tries to open a connection that dies before its ack (nothing was sent yet, so no harm). */
  maxOpenAttempts: 8,

  // ── calls ──────────────────────────────────────────────────────────────────────────────────
  /**
   * Calls running for one connection; reading pauses beyond it, or where there are callbacks the next is refused. Also
   * callbacks that a client has not answered. Stops either side from filling the other's heap.
   */
  maxConcurrentCalls: 4_096,
  /** Unsent answers for one connection; reading pauses beyond it. Stops a client that never reads. */
  maxUnsentBytes: 1_048_576,
  /**
   * Unsent bytes for one client at which a further callback ends its session. Stops a client that reads slower than it
   * is told from filling the heap. Eight times what makes a service that awaits its callbacks wait.
   */
  maxUnsentCallbackBytes: 8_388_608,
  /** How long a client with unsent answers may go without reading one byte before it is cut off. */
  slowReaderTimeoutMs: 30_000,
  /**
   * Memory of the unsent answers of all connections of a host; over it the one with the most is cut off, and from
   * half of it on who has any unsent is read no further. Stops many clients that never read. Room for 64 that are
   * as far behind as allowed.
   */
  maxTotalUnsentBytes: 67_108_864,
  /**
   * All messages of a host that have arrived in part; over it the client with the most is told ServerTooBusy.
   * Stops many clients that never finish. Room for 1,024 of the largest size.
   */
  maxTotalPartialBytes: 67_108_864,
  /** Nesting of arrays, maps or XML elements in a message: stops stack exhaustion. Deeper than any contract. */
  maxDepth: 64,
  /** UTF-16 units of a fault's message, and of its detail. Stops a peer from filling terminals and logs. */
  maxFaultTextChars: 4_096,

  /** Lines that a host writes about failed operations, each second. Stops a broken method from filling a log. */
  maxErrorLinesPerSecond: 10,

  // ── user names ─────────────────────────────────────────────────────────────────────────────
  /** A host's tokens for user names. Stops clients that open and stay: each token takes half a KiB. */
  maxContextTokens: 10_000,
  /** Tokens of one user: a new one replaces the one unused for longest, so nobody locks others out. */
  maxContextTokensPerCaller: 1_000,
  /** How long a token is valid; clients get another before. WCF's 15 hours. */
  contextTokenLifetimeMs: 54_000_000,
  /** A token that is not used for this long is forgotten: clients that died cancel none. */
  contextTokenIdleMs: 3_600_000,
  /** Passwords being checked, at some 50 ms and 16 MiB each, four at a time. Stops a flood of guesses. */
  maxPendingPasswords: 128,

  // ── SOAP in binary XML ─────────────────────────────────────────────────────────────────────
  /** Bytes in the string tables of one session and direction, which a peer can make us keep. WCF's default. */
  maxSessionSize: 2_048,
  /**
   * Elements, attributes, texts and array items in one payload. A payload of 64 KiB has fewer than 65,536, unless
   * it repeats the attributes of an array's element: this stops that.
   */
  maxXmlNodes: 262_144,
  /** Attributes of one element, and namespace declarations in force: both are searched one by one. */
  maxXmlAttributes: 128,
  /**
   * Characters that the texts of one payload take from string tables. Stops 2 bytes from standing
   * for a table string of 2 KiB again and again; messages of WCF take a few hundred.
   */
  maxXmlReferenceChars: 262_144,
  /** Characters of a payload printed as XML (for people, or for tests). */
  maxXmlPrintedChars: 4_194_304,
  /**
   * All documents of a description that is imported. Stops a server from filling memory; that of a service with 300
   * operations takes one MiB.
   */
  maxMetadataBytes: 16_777_216,

  // ── port sharing ───────────────────────────────────────────────────────────────────────────
  /** A header of the PROXY protocol: stops a front from taking 64 KiB for each. Some hundred bytes are usual. */
  maxProxyHeaderBytes: 2_048,
  /** How long a daemon that is told to stop only says so at its health path: stops clients from coming in vain. */
  leaveMs: 0,
  /** Descriptors that the daemon keeps free of clients: for its services, its log, itself. */
  daemonReservedDescriptors: 64,
  /** Those that a service keeps free: to reach a new daemon, and for what its implementation opens. */
  serviceReservedDescriptors: 16,
  /** A connection without a complete preamble by then is silent: a good client's comes at once. */
  silentAfterMs: 250,
  /** Silent connections, in total: stops half-open floods. */
  maxPendingPreambles: 1_024,
  /** Beyond these a growing share of new ones is dropped at random, so that a flood starves nobody. */
  earlyDropPreambles: 256,
  /** Silent connections from one other machine. */
  maxPendingPreamblesPerSource: 64,
  /** Sockets sent to a service that has not taken them yet: the kernel counts them for each user. */
  maxUnacknowledged: 32,
  /** Connections that wait for a busy service; the next one is told ServerTooBusy. WCF's maxPendingConnections. */
  maxPendingConnections: 100,
  /**
   * A full queue turns clients away only once its service has taken none for this long: neither a burst alone
   * does, nor a machine so busy that a service gets no turn for a while.
   */
  busyAfterMs: 1_000,
  /**
   * A process's connections to the control socket, and sockets that listen for it; at most a quarter of the
   * daemon's descriptors. Stops a service that fails from starving the others.
   */
  maxDescriptorsPerProcess: 1_024,
  /**
   * A process's messages that wait in the daemon, to be read or to be sent; over it its connection is closed.
   * Stops one that never reads. Twice what may be on its way to a stopped service.
   */
  maxControlBytesPerProcess: 8_388_608,
  /** Registrations of one service process. Stops a loop from filling the table. */
  maxRegistrationsPerService: 16_384,
  /** Processes at one address, all of which were told so. A connection looks at each: 1,024 take microseconds. */
  maxReplicas: 1_024,
  /** Registrations in total. */
  maxRegistrations: 65_536,
  /** One control message: stops endless lengths. Has room for all that one read of a connection yields, 64 KiB. */
  maxControlMessageBytes: 131_072,
  /** A handshake on the control socket: stops a stuck service from holding a descriptor. */
  helloTimeoutMs: 5_000,
  /** The daemon ends when nobody has been registered for this long: enough for one service to follow another. */
  idleExitMs: 5_000,
  /** After a daemon's death, a via without a match waits this long for its service to come back. */
  recoveryGraceMs: 2_000,
  /** A front's connection for what was here a moment ago waits so long, and is closed: by then the front knows. */
  departureGraceMs: 1_000,
  /** How long a service waits for a daemon that it started, and for the answer to a registration. */
  daemonStartTimeoutMs: 10_000,
  /** How long a stopping daemon waits for connections that it relays, and a service for one to be taken back. */
  drainTimeoutMs: 10_000,
  /** Kernel queue of connections not yet accepted (the kernel caps it at somaxconn). */
  listenBacklog: 4_096,
  /** The daemon's log; at this size it becomes `daemon.log.1` and a new one begins. */
  maxLogBytes: 1_048_576,
} as const satisfies Readonly<Record<string, number>>;

/** Name of a limit: a key of {@link DEFAULT_LIMITS}. */
export type LimitName = keyof typeof DEFAULT_LIMITS;
/** A value for each limit: whole numbers from 0 to 2147483647, in the unit that the name ends with. */
export type Limits = Readonly<Record<LimitName, number>>;

/**
 * The defaults with some of them replaced.
 *
 * @throws {NetTcpError} `Usage` for a name that is not a limit, with the nearest one, or a value that is no whole
 *   number from 0 to 2^31 − 1 (a longer timer of Node's fires at once)
 */
export function withLimits(overrides: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      const nearest = nearestName(name, Object.keys(DEFAULT_LIMITS));
      const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      throw new NetTcpError('Usage', `there is no limit ${quoted(name)}${advice}`);
    }
    const [isRight, what] = WHOLE_NUMBER;
    if (!isRight(value)) {
      throw new NetTcpError('Usage', `${name} must be ${what}, not ${shown(value)}`);
    }
  }
  return { ...DEFAULT_LIMITS, ...overrides };
}
