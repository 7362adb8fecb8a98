import { isIpAddress } from '../../address.ts';
import { isErrorCode, NetTcpError } from '../../errors.ts';
import { type Received, received } from '../../printable.ts';
import type { DaemonMessage, ServiceMessage } from './messages.ts';

type Check = (value: unknown) => boolean;
type Members = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isPort: Check = (value) => isCount(value) && Number(value) <= 65_535;
const isFlag: Check = (value) => typeof value === 'boolean';
const isBytes: Check = (value) => value instanceof Uint8Array;
const isHost: Check = (value) => typeof value === 'string' && isIpAddress(value);
const oneOf =
  (...texts: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && texts.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf = (members: Members): Check => {
  const checks = Object.entries(members);
  return (value) => isMap(value) && checks.every(([name, check]) => check(value[name]));
};

const isTransfer = oneOf('hand-over', 'relay');
const LISTENER = { descriptor: isCount, host: isHost, port: isPort };

/** The members of each message, by type. A message that does not fit is refused. */
const SERVICE_SHAPES = shapesOf<ServiceMessage['type']>({
  // A hello of another version must be understood as far as it takes to refuse it.
  hello: { protocol: isCount, version: isText, pid: isCount, role: isText, handOver: isFlag },
  attach: { token: isText, dispatch: optional(isCount) },
  register: {
    request: isCount,
    address: isText,
    hosts: listOf(isText),
    queueLength: isCount,
    security: optional(isText),
    replicas: optional(isFlag),
  },
  listener: LISTENER,
  accepted: { dispatch: isCount },
  rejected: { dispatch: isCount, reason: isText, busy: optional(isFlag), late: optional(isFlag) },
  open: { connections: isCount },
  calls: { endpoints: listOf(mapOf({ request: isCount, calls: isCount, faults: isCount })) },
  redispatch: { descriptor: isCount, octets: isBytes },
  inherit: {},
  ready: {},
  serving: {},
  status: {},
  routes: {},
  more: {},
  stop: {},
});

const DAEMON_SHAPES = shapesOf<DaemonMessage['type']>({
  welcome: {
    protocol: isCount,
    version: isText,
    pid: isCount,
    transfer: isTransfer,
    token: isText,
    network: optional(isText),
    calls: optional(isFlag),
  },
  'version-unsupported': { protocol: isCount, version: isText },
  ending: {},
  'succession-refused': { message: isText },
  'too-many': { message: isText },
  attached: {},
  registered: { request: isCount, address: isText },
  refused: { request: isCount, status: isText, message: isText },
  listener: LISTENER,
  'listener-closed': { host: isHost, port: isPort },
  dispatch: {
    dispatch: isCount,
    via: isText,
    octets: isBytes,
    from: optional(isHost),
    fronted: optional(isFlag),
    descriptor: optional(isCount),
    takeBy: optional(isCount),
  },
  inheritance: {},
  go: { descriptor: optional(isCount) },
  retired: {},
  taken: { descriptor: isCount },
  status: {
    status: mapOf({
      pid: isCount,
      version: isText,
      since: isText,
      transfer: isTransfer,
      log: isText,
      activated: listOf(isText),
      pending: isCount,
      notFound: isCount,
      dropped: isCount,
      relaying: isCount,
      nice: optional(isCount),
      descriptors: optional(isCount),
      cpuSeconds: optional(isCount),
      memoryBytes: optional(isCount),
      oomScoreAdj: optional(isCount),
      leaving: optional(isFlag),
      trusted: optional(listOf(isText)),
      fronts: optional(
        listOf(
          mapOf({
            address: isText,
            connections: isCount,
            checks: isCount,
            lastCheck: optional(isText),
            lastSeen: isText,
          }),
        ),
      ),
    }),
  },
  'status-page': {
    listeners: listOf(isText),
    registrations: listOf(
      mapOf({
        address: isText,
        pid: isCount,
        since: isText,
        listensOn: listOf(isText),
        target: optional(isText),
        security: optional(isText),
        handedOver: isCount,
        relayed: isCount,
        queued: isCount,
        refused: isCount,
        calls: optional(isCount),
        faults: optional(isCount),
      }),
    ),
    isLast: isFlag,
  },
  routes: {
    problems: listOf(
      mapOf({
        address: optional(isText),
        code: isErrorCode,
        reason: optional(isText),
        message: isText,
      }),
    ),
    isLast: isFlag,
  },
  stopping: {},
});

/** @returns `value`, which a caller sent. @throws {NetTcpError} `Protocol` if no caller may send it */
export function checkServiceMessage(value: unknown): Received<ServiceMessage> {
  return received(check(value, SERVICE_SHAPES) as ServiceMessage);
}

/** @returns `value`, which the daemon sent. @throws {NetTcpError} `Protocol` if no daemon may send it */
export function checkDaemonMessage(value: unknown): Received<DaemonMessage> {
  return received(check(value, DAEMON_SHAPES) as DaemonMessage);
}

type Shapes = ReadonlyMap<string, readonly (readonly [name: string, check: Check])[]>;

function shapesOf<Type extends string>(shapes: Readonly<Record<Type, Members>>): Shapes {
  return new Map(
    Object.entries<Members>(shapes).map(([type, members]) => [type, Object.entries(members)]),
  );
}

function check(value: unknown, shapes: Shapes): object {
  if (!isMap(value)) throw new NetTcpError('Protocol', 'not a message: it is not a map');
  const type = typeof value['type'] === 'string' ? value['type'] : '';
  const shape = shapes.get(type);
  if (shape === undefined) {
    throw new NetTcpError('Protocol', `not a message: there is no type "${type.slice(0, 80)}"`);
  }
  const wrong = shape.find(([name, isRight]) => !isRight(value[name]));
  if (wrong === undefined) return value;
  throw new NetTcpError('Protocol', `not a message: "${wrong[0]}" of ${type} is wrong`);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
