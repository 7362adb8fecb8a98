// Where each limit is tried on both sides of its value.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, type LimitName } from '../shared/limits.ts';
import { expectTest } from './helpers/proofs.ts';

type Proof = readonly [file: string, ...titles: string[]];

const framing: Proof = [
  'framing/limits',
  '%s: a record of so many bytes is read, one byte more is refused',
];
const silentClient: Proof = [
  'rpc/limits',
  '%s: a client that is silent %s is closed by then, and not before',
];
const timeout: Proof = [
  'rpc/limits',
  '%s: what is not answered by then is a Timeout, and not before',
];
const xml: Proof = ['encoding/binary-xml/malformed', '%s %d'];
const silent: Proof = [
  'port-sharing/daemon/limits',
  '%o: five silent connections from %s stay, the sixth does not',
];
const registrations: Proof = [
  'port-sharing/daemon/limits',
  '%o: three registrations of %d services are taken, the fourth is refused',
];

const PROOFS: Readonly<Record<LimitName, Proof>> = {
  maxViaBytes: framing,
  maxContentTypeBytes: framing,
  maxUpgradeBytes: framing,
  maxFaultBytes: framing,
  maxReceivedMessageSize: framing,
  maxBufferSize: [
    'encoding/streams/content',
    'maxBufferSize: a head of so many bytes is taken, one more is not',
  ],
  faultDrainBytes: [
    'rpc/limits',
    'faultDrainBytes: so many bytes after a fault are thrown away, more end the connection',
    'faultDrainBytes 100: 100 bytes are thrown away, one more ends the connection',
  ],
  faultDrainMs: silentClient,
  preambleTimeoutMs: silentClient,
  receiveTimeoutMs: silentClient,
  openTimeoutMs: timeout,
  closeTimeoutMs: timeout,
  sendTimeoutMs: timeout,
  hostCloseTimeoutMs: [
    'rpc/limits',
    'hostCloseTimeoutMs: a host that closes waits so long for a call, and not longer',
  ],
  maxConnectionAgeMs: [
    'rpc/client/reopen/leaving',
    'maxConnectionAgeMs %d: of calls one after the other for a second none is lost, and there are %s sessions',
  ],
  idleTimeoutMs: [
    'rpc/limits',
    '%s: a client that is silent %s is closed by then, and not before',
    'idleTimeoutMs: a kept connection is closed by then, and not before',
  ],
  keptAckTimeoutMs: [
    'rpc/silence',
    'keptAckTimeoutMs: a kept connection that says nothing is given up by then, and not before',
  ],
  silentPeerTimeoutMs: [
    'rpc/silence',
    'silentPeerTimeoutMs: a channel whose calls wait in vain for so long is faulted, and not before',
    'silent for %s: %o',
  ],
  keepAliveAfterMs: ['rpc/silence', 'keepAliveAfterMs %i: the kernel %s, on both sides'],
  leaseTimeoutMs: [
    'rpc/limits',
    'leaseTimeoutMs: a connection of that age is kept, an older one is closed',
  ],
  maxOutboundConnectionsPerEndpoint: [
    'rpc/limits',
    'maxOutboundConnectionsPerEndpoint: so many are kept, one more is closed',
  ],
  maxOpenAttempts: ['rpc/limits', 'maxOpenAttempts 3: a service that takes connection %d %s'],
  maxContextTokens: [
    'security/message-credentials/message-credentials',
    'nobody takes the place of another, but what is not used any more makes room',
  ],
  maxContextTokensPerCaller: [
    'security/message-credentials/message-credentials',
    'of one caller the token that was not used for longest makes room',
  ],
  contextTokenLifetimeMs: [
    'security/message-credentials/message-credentials',
    'a context token is good until it is cancelled, expires or is not used',
  ],
  contextTokenIdleMs: [
    'security/message-credentials/message-credentials',
    'a context token is good until it is cancelled, expires or is not used',
  ],
  maxPendingPasswords: [
    'security/message-credentials/token-issuer',
    'so many passwords are looked at at a time, from however many connections',
  ],
  maxConcurrentCalls: [
    'rpc/limits',
    'maxConcurrentCalls: so many of one connection run, the next when one has ended',
  ],
  maxUnsentBytes: [
    'rpc/limits',
    'maxUnsentBytes: a connection is behind when more is unsent, not before',
  ],
  maxUnsentCallbackBytes: [
    'rpc/service/sessions/limits',
    'maxUnsentCallbackBytes: who reads slower than he is told loses his session, and nobody else',
  ],
  slowReaderTimeoutMs: [
    'rpc/limits',
    'slowReaderTimeoutMs: who is behind and reads nothing is cut off by then, and not before',
    'slowReaderTimeoutMs: who is not behind, and reads nothing either, is cut off by then, too',
  ],
  maxTotalUnsentBytes: [
    'rpc/totals',
    'maxTotalUnsentBytes 1000: at %i in all, %s',
    'maxTotalUnsentBytes: many that never read cost somebody who does nothing',
  ],
  maxTotalPartialBytes: [
    'rpc/totals',
    'maxTotalPartialBytes: of %d messages that do not end, %d are refused',
  ],
  maxConcurrentSessions: [
    'rpc/totals',
    'maxConcurrentSessions 2: a third is told ServerTooBusy while the others are busy',
    'maxConcurrentSessions 2: a third takes the place of the one that was idle for longest',
  ],
  maxSessionsPerSource: ['rpc/totals', 'maxSessionsPerSource 2: %s'],
  maxPendingHandshakes: [
    'rpc/handshake-limit',
    'maxPendingHandshakes 6: so many are in progress, one more has to wait for one that ends',
  ],
  maxPendingHandshakesPerSource: [
    'rpc/handshake-limit',
    'maxPendingHandshakesPerSource 2: one other machine has no more, once half of the room is taken',
  ],
  giveWayAfterMs: ['rpc/totals', 'giveWayAfterMs 100: after %i the longest idle %s'],
  maxErrorLinesPerSecond: [
    'rpc/dispatch/operation-errors',
    'maxErrorLinesPerSecond %i: of 5 errors %i are written',
  ],
  maxDepth: ['encoding/msgpack/hostile', 'as deep as maxDepth is read, one deeper is not'],
  maxFaultTextChars: [
    'encoding/msgpack/faults',
    'the texts of a fault are cut at maxFaultTextChars',
  ],
  maxSessionSize: [
    'encoding/binary-xml/session-strings',
    'fill the quota to the last byte',
    'stop for good at the first string that does not fit',
  ],
  maxXmlNodes: xml,
  maxXmlAttributes: xml,
  maxXmlReferenceChars: xml,
  maxXmlPrintedChars: xml,
  maxMetadataBytes: [
    'tool/import/import',
    'maxMetadataBytes: so many bytes are read, one more is refused',
  ],
  maxProxyHeaderBytes: [
    'transport/fronts/proxy-header',
    'maxProxyHeaderBytes: a header of so many bytes is read, one byte more is refused',
  ],
  leaveMs: [
    'port-sharing/daemon/limits',
    'leaveMs: a daemon that is told to stop only says so for so long, and no longer; twice, and it is over',
  ],
  daemonReservedDescriptors: [
    'port-sharing/daemon/admission',
    'beyond its share of descriptors a connection is told ServerTooBusy, and closed at once',
  ],
  serviceReservedDescriptors: [
    'port-sharing/limits',
    'serviceReservedDescriptors: with none left for clients they are told ServerTooBusy',
    'serviceReservedDescriptors 20 of 64: clients get descriptor 43, and not 44',
  ],
  silentAfterMs: [
    'port-sharing/daemon/limits',
    'silentAfterMs: a connection is no silent one before',
  ],
  maxPendingPreambles: silent,
  earlyDropPreambles: [
    'port-sharing/daemon/limits',
    'earlyDropPreambles 50 of 60: where the dice show %d, %d stay',
  ],
  maxPendingPreamblesPerSource: silent,
  maxUnacknowledged: [
    'port-sharing/handshake/return-queue',
    'no more are on their way than may be, and each is kept until it is taken',
  ],
  maxPendingConnections: [
    'port-sharing/daemon/admission',
    'clients of a stopped service wait up to its limits, the next is told ServerTooBusy',
  ],
  busyAfterMs: [
    'port-sharing/daemon/limits',
    'busyAfterMs: until then a queue may be too long, and no longer',
  ],
  maxDescriptorsPerProcess: [
    'port-sharing/daemon/limits',
    'maxDescriptorsPerProcess 3 of %d: a process has %d, and others find room',
  ],
  maxControlBytesPerProcess: [
    'port-sharing/daemon/limits',
    'maxControlBytesPerProcess 1000: %o wait for one process, and it %s',
  ],
  maxRegistrationsPerService: registrations,
  maxReplicas: [
    'port-sharing/daemon/limits',
    'maxReplicas 3: three processes have one address, the fourth is refused',
  ],
  maxRegistrations: registrations,
  maxControlMessageBytes: [
    'port-sharing/daemon/limits',
    'maxControlMessageBytes 20: a message of %d is %s',
  ],
  helloTimeoutMs: [
    'port-sharing/limits',
    'helloTimeoutMs: a control connection that says nothing is closed by then, and not before',
  ],
  idleExitMs: [
    'port-sharing/limits',
    'idleExitMs: a daemon that nobody needs ends by then, and not before',
  ],
  recoveryGraceMs: [
    'port-sharing/daemon/limits',
    'recoveryGraceMs: a path that nobody has waits so long, and no longer',
  ],
  departureGraceMs: [
    'port-sharing/daemon/limits',
    'departureGraceMs: a connection of a front waits so long for what has just gone, and is closed',
  ],
  daemonStartTimeoutMs: [
    'port-sharing/limits',
    'daemonStartTimeoutMs: a service waits so long for a daemon that does not start, and no longer',
    'daemonStartTimeoutMs: a new daemon that takes longer to take over is ended',
  ],
  drainTimeoutMs: [
    'port-sharing/daemon/limits',
    'drainTimeoutMs: a daemon that ends waits so long for what it relays, and no longer',
  ],
  listenBacklog: [
    'port-sharing/daemon/limits',
    'listenBacklog 10: of %d that wait in a burst %d are turned away',
  ],
  maxLogBytes: [
    'port-sharing/daemon/limits',
    'maxLogBytes: lines fill the file to it, and the next one begins another',
  ],
};

test('every limit has a test on both sides of its value', () => {
  expect(Object.keys(PROOFS).sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
});

test.for(Object.entries(PROOFS))('%s', ([limit, [name, ...titles]]) => {
  const file = `test/${name}.test.ts`;
  expect(titles.length).toBeGreaterThan(0);
  for (const title of titles) expectTest(file, title);
  expect(readFileSync(file, 'utf8'), file).toContain(limit);
});
