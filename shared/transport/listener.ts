import { createServer, type Server, type Socket } from 'node:net';
import { type EndpointAddress, atPort, showEndpoint } from '../address.ts';
import { messageOf, NetTcpError, systemCode } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { environmentError, missingZone } from '../system-error.ts';
import { inheritNoDelay } from './node-internals.ts';
import { shareRead } from './shared-read.ts';

/** A connection that arrived, with the bytes that were already read from it. */
export interface Incoming {
  readonly socket: Socket;
  readonly octets: Uint8Array;
}

/** Where a service host's connections come from: a port of its own, or a shared one. */
export interface Listener {
  /** The endpoint addresses listened for, with the real port where port 0 was asked for. */
  readonly addresses: readonly EndpointAddress[];
  /** Takes no more connections. Those that were handed out live on. */
  close(): Promise<void>;
  /** Gives away a connection whose next preamble is not for this host. @returns whether it was taken */
  redispatch?(connection: Incoming): boolean;
}

/** What was done at an address since its host was made. */
export interface CallCounts {
  /** Requests that have come: calls, those that were refused, and what a session's security asks for. */
  calls: number;
  /** Those of them that were answered with a fault, or would have been if their callers waited for an answer. */
  faults: number;
}

export interface ListenOptions {
  readonly addresses: readonly EndpointAddress[];
  /** Local IP addresses to listen on. */
  readonly hosts: readonly string[];
  readonly limits: Limits;
  readonly onConnection: (connection: Incoming) => void;
  /** Whether there is room for another session: where others serve the same address, they get it if not. */
  readonly hasRoom?: () => boolean;
  /** What was done so far at each of `addresses`; where somebody wants to know. */
  readonly counts?: () => readonly CallCounts[];
  /** Called, perhaps more than once, when only another process is waited for: time for work that can wait. */
  readonly onWaiting?: () => void;
  /** Told what `hosts` are, once they are known. */
  readonly onHosts?: (hosts: readonly string[]) => void;
  /** Fires when listening is no longer wanted: what is in progress ends. */
  readonly signal?: AbortSignal;
  /** Told the listening servers, when they are not a daemon's. */
  readonly onListening?: (servers: readonly Server[]) => void;
}

const NOTHING = new Uint8Array(0);

/**
 * Listens on a port of its own.
 *
 * @throws {NetTcpError} `AddressAlreadyInUse`, `Usage` for endpoints on several ports or a link-local address
 *   without a zone, `Communication` for any other failure
 */
export async function listenAlone(options: ListenOptions): Promise<Listener> {
  const port = singlePort(options.addresses);
  const servers = await bindAll(options.hosts, port, options.limits.listenBacklog, (socket) =>
    options.onConnection({ socket, octets: NOTHING }),
  ).catch((error: unknown) => {
    throw alone(NetTcpError.from(error));
  });
  const bound = portOf(servers);
  options.onListening?.(servers);
  return {
    addresses: options.addresses.map((address) => atPort(address, bound)),
    async close() {
      // Not awaiting 'close': that waits for every connection ever accepted.
      for (const server of servers) server.close();
      await Promise.resolve();
    },
  };
}

/** The one port of a host's endpoints. @throws {NetTcpError} `Usage` when there are none or several */
export function singlePort(addresses: readonly EndpointAddress[]): number {
  const ports = new Set(addresses.map(({ port }) => port));
  const [port] = ports;
  if (port === undefined || ports.size > 1) {
    throw new NetTcpError('Usage', 'the endpoints of one service host share one port');
  }
  return port;
}

/** Told of a connection, and of the listening address that accepted it. */
type OnConnection = (socket: Socket, host: string) => void;

/**
 * Listens on every one of `hosts`, on the same port. A host whose address family or address this machine lacks
 * is left out, as long as one remains.
 *
 * @param port 0: the kernel chooses one that is free on all of them
 */
export async function bindAll(
  hosts: readonly string[],
  port: number,
  backlog: number,
  onConnection: OnConnection,
): Promise<readonly Server[]> {
  for (let attempt = 0; ; attempt++) {
    const servers: Server[] = [];
    let missing: NetTcpError | undefined;
    try {
      for (const host of hosts) {
        const chosen = servers.length > 0 ? portOf(servers) : port;
        try {
          servers.push(await bind(host, chosen, backlog, onConnection));
        } catch (error) {
          const isOptional = hosts.length > 1 && isMissingAddress(error);
          if (!isOptional) throw error;
          missing = error as NetTcpError;
        }
      }
      if (servers.length === 0 && missing !== undefined) throw missing;
      return servers;
    } catch (error) {
      for (const server of servers) server.close();
      // The port was free for one address family but not for the other: try another.
      const isUnlucky =
        port === 0 && error instanceof NetTcpError && error.code === 'AddressAlreadyInUse';
      if (!isUnlucky || attempt === 20) throw error;
    }
  }
}

export function portOf(servers: readonly Server[]): number {
  const address = servers[0]?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Accepts connections. They send at once, without Nagle's algorithm, and read into memory that all share.
 *
 * @param backlog connections that the kernel may hold until they are accepted
 */
export function acceptor(backlog: number, onConnection: (socket: Socket) => void): Server {
  // Those that came before the listening socket was told: when it is, the kernel holds no more than these.
  let mustBeTold = Infinity;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (mustBeTold > 0) {
      mustBeTold -= 1;
      socket.setNoDelay(true);
    }
    shareRead(socket);
    onConnection(socket);
  });
  return server.once('listening', () => {
    if (inheritNoDelay(server)) mustBeTold = backlog + 1;
  });
}

/** Listens on one address, with an {@link acceptor}. */
export function bind(
  host: string,
  port: number,
  backlog: number,
  onConnection: OnConnection,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = acceptor(backlog, (socket) => onConnection(socket, host));
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen({ host, port, backlog, exclusive: true, ipv6Only: host.includes(':') }, () => {
      // An accept error concerns one connection, which is gone already.
      server.removeAllListeners('error').on('error', () => {});
      resolve(server);
    });
  });
}

/** Whether listening failed because this machine has no such address, or address family. */
export function isMissingAddress(error: unknown): boolean {
  const code = error instanceof NetTcpError ? systemCode(error.cause) : undefined;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

/** Adds advice for a service that wants for itself a port that is in use. */
function alone(error: NetTcpError): NetTcpError {
  if (error.code !== 'AddressAlreadyInUse') return error;
  const advice =
    'This service does not share its port: end the other listener, choose another port, or let both share it.';
  return new NetTcpError(error.code, `${error.message} ${advice}`, { cause: error.cause });
}

/** Why it is not listened on `host:port`: `AddressAlreadyInUse`, `Usage` or `Communication`, and what to do. */
export function listenError(error: Error, host: string, port: number): NetTcpError {
  const endpoint = showEndpoint(host, port);
  const code = systemCode(error);
  if (code === 'EADDRINUSE') {
    return new NetTcpError(
      'AddressAlreadyInUse',
      `There is already a listener on IP endpoint ${endpoint}. Make sure that you are not trying to use this endpoint multiple times in your application and that there are no other applications listening on this endpoint.`,
      { cause: error },
    );
  }
  const zone = code === 'EINVAL' ? missingZone(host) : undefined;
  if (zone !== undefined) {
    const text = `Cannot listen on IP Endpoint=${endpoint}: ${zone}`;
    return new NetTcpError('Usage', text, { cause: error });
  }
  if (code === 'EACCES') {
    const text = `This user may not listen on IP Endpoint=${endpoint} (EACCES): ports below 1024 are the administrator's. Choose another port.`;
    return new NetTcpError('Communication', text, { cause: error, reason: 'access-denied' });
  }
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM') {
    return environmentError(`Cannot listen on IP Endpoint=${endpoint}`, error, '');
  }
  return new NetTcpError(
    'Communication',
    `A TCP error (${code ?? 'unknown'}: ${messageOf(error)}) occurred while listening on IP Endpoint=${endpoint}.`,
    { cause: error },
  );
}
