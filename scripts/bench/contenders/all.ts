import type { Contender } from '../contender.ts';
import { clusterHandOver } from './cluster.ts';
import { grpc, grpcTls } from './grpc.ts';
import { haproxy, rawThroughHaproxy } from './haproxy.ts';
import { lean } from './lean.ts';
import { KEPT, ours, oursName } from './ours.ts';
import { raw, rawSession } from './raw.ts';
import { busy, manyReplicas } from './replicas.ts';
import { ourStream, rawStream } from './streams.ts';
import { rpcWebsockets } from './rpc-websockets.ts';
import { KERBEROS } from './secured/kerberos.ts';
import { rawTls, rawTlsSession } from './secured/raw-tls.ts';
import { TLS } from './secured/tls.ts';
import { vscodeJsonrpc } from './vscode-jsonrpc.ts';

/** Names that goals and tables refer to. */
export const RAW = raw.name;
/** {@link RAW} with the round trips that net.tcp has, too. */
export const RAW_SESSION = rawSession.name;
export const LEAN = lean.name;
export const GRPC = grpc.name;
export const CLUSTER = clusterHandOver.name;
export const HAPROXY = haproxy.name;
/** Raw TCP through the same, which reads nothing of it. */
export const RAW_HAPROXY = rawThroughHaproxy.name;
export const OWN = oursName('msgpack', 'own port');
export const HANDED_OVER = oursName('msgpack', 'hand-over');
export const RELAYED = oursName('msgpack', 'relay');
export const SOAP = oursName('soap', 'own port');
/** Streams, and no calls. */
export const RAW_STREAM = rawStream.name;
export const OUR_STREAM = ourStream.name;
/** The same over TLS, and over Kerberos. */
export const RAW_TLS = rawTls.name;
export const RAW_TLS_SESSION = rawTlsSession.name;
export const GRPC_TLS = grpcTls.name;
export const OWN_TLS = oursName('msgpack', 'own port', TLS);
export const KEPT_TLS = `${OWN_TLS}${KEPT}`;
export const HANDED_OVER_TLS = oursName('msgpack', 'hand-over', TLS);
export const OWN_KERBEROS = oursName('msgpack', 'own port', KERBEROS);
/** RPC libraries, as opposed to what one writes oneself. */
export const LIBRARIES: readonly string[] = [grpc, rpcWebsockets, vscodeJsonrpc].map(
  ({ name }) => name,
);
export const MANY_REPLICAS = manyReplicas.name;
/** Registrations with which the growth of a look-up is measured. */
const MANY_REGISTRATIONS = 10_000;

const SECURED: readonly Contender[] = [
  rawTls,
  rawTlsSession,
  ours('msgpack', 'own port', { security: TLS }),
  ours('msgpack', 'own port', { security: TLS, isKept: true }),
  ours('msgpack', 'hand-over', { security: TLS }),
  ours('msgpack', 'own port', { security: KERBEROS }),
  grpcTls,
];

const CONTENDERS: readonly Contender[] = [
  raw,
  rawSession,
  lean,
  ours('msgpack', 'own port'),
  ours('msgpack', 'hand-over'),
  ours('msgpack', 'relay'),
  ours('msgpack', 'hand-over', { registrations: MANY_REGISTRATIONS }),
  ours('soap', 'own port'),
  ours('soap', 'hand-over'),
  ours('soap', 'relay'),
  rpcWebsockets,
  vscodeJsonrpc,
  grpc,
  clusterHandOver,
  haproxy,
  rawThroughHaproxy,
  busy,
  manyReplicas,
];

/** @throws {Error} for a name that no contender has */
export function contenderNamed(name: string): Contender {
  const found = [...CONTENDERS, ...SECURED, rawStream, ourStream].find(
    (contender) => contender.name === name,
  );
  if (found === undefined) throw new Error(`there is no contender "${name}"`);
  return found;
}

/** Contenders of latency and throughput, from the lowest layer to the highest. */
export const CALLERS: readonly string[] = CONTENDERS.filter(
  ({ name }) =>
    ![RAW_SESSION, CLUSTER, HAPROXY, RAW_HAPROXY, busy.name, manyReplicas.name].includes(name) &&
    !name.includes('registrations'),
).map(({ name }) => name);
export const MANY = `${HANDED_OVER}, ${MANY_REGISTRATIONS} registrations`;
