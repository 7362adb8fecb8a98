import { connect, type Socket } from 'node:net';
import { type EndpointAddress, showEndpoint } from '../address.ts';
import { NetTcpError, systemCode } from '../errors.ts';
import { environmentError, missingZone } from '../system-error.ts';
import type { Attempt } from './attempt.ts';
import { ignoreError } from './connection.ts';
import { keepAlive } from './keep-alive.ts';
import { READ_OPTION } from './shared-read.ts';

/**
 * Opens a TCP connection to the host and port of `address`; all addresses of a name are tried. `localhost` is this
 * machine's loopback, over IPv4 if somebody listens there.
 *
 * @param keepAliveAfterMs see {@link keepAlive}
 * @throws {NetTcpError} `EndpointNotFound` (reason `connection-refused`, `host-unreachable` or `host-not-found`),
 *   `Timeout`, what `attempt` is given up with, `Usage` for a link-local address without a zone,
 *   `Communication` for any other failure
 */
export function dial(
  address: EndpointAddress,
  attempt: Attempt,
  keepAliveAfterMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const [host, ...others] = hostsOf(address);
    let socket = open(host, address.port);
    const cleanUp = (): void => {
      attempt.onGivenUp(undefined);
      socket.off('connect', onConnect).off('error', onError);
    };
    const fail = (error: NetTcpError): void => {
      cleanUp();
      socket.on('error', ignoreError); // what comes after the verdict changes nothing
      socket.destroy();
      reject(error);
    };
    const onConnect = (): void => {
      cleanUp();
      keepAlive(socket, keepAliveAfterMs);
      resolve(socket);
    };
    let first: Error | undefined;
    const onError = (error: Error): void => {
      first ??= error;
      const other = others.shift();
      if (other === undefined) return fail(explain(first, address));
      socket.off('connect', onConnect).off('error', onError);
      socket = open(other, address.port).on('connect', onConnect).on('error', onError);
    };
    socket.on('connect', onConnect).on('error', onError);
    attempt.onGivenUp((error) => fail(error ?? timedOut(address, attempt.timeoutMs)));
  });
}

/**
 * What to connect to, one after the other. To Node `localhost` is a name like any other: it looks whether that is an
 * IPv6 address, with a pattern that takes longer to make than a client's first connection, and asks the system, which
 * may ask a name server.
 */
function hostsOf({ host }: EndpointAddress): [string, ...string[]] {
  return host.toLowerCase() === 'localhost' ? ['127.0.0.1', '::1'] : [host];
}

function open(host: string, port: number): Socket {
  return connect({ host, port, allowHalfOpen: true, noDelay: true, ...READ_OPTION });
}

/**
 * Whether a socket is connected to itself. If nobody listens on a port of the ephemeral range, the kernel may
 * give that very port to the client: a simultaneous open of TCP. Asked only when the bytes that were sent come
 * back: asking for every connection would cost two system calls each.
 */
export function isSelfConnected(socket: Socket): boolean {
  if (socket.localPort !== socket.remotePort) return false;
  return socket.localAddress === socket.remoteAddress;
}

function timedOut({ uri }: EndpointAddress, timeoutMs: number): NetTcpError {
  const text = `Connecting to ${uri} timed out after ${timeoutMs / 1_000} s. Check the address, and that no firewall stands in between.`;
  return new NetTcpError('Timeout', text);
}

/** Nothing listens at `address`: `EndpointNotFound`, reason `connection-refused`. */
export function connectionRefused(
  { uri, host, port }: EndpointAddress,
  code = 'ECONNREFUSED',
  cause?: Error,
): NetTcpError {
  return new NetTcpError(
    'EndpointNotFound',
    `Could not connect to ${uri}. TCP error code ${code}: nothing listens on ${showEndpoint(host, port)}. Start the service, or check host and port.`,
    { cause, reason: 'connection-refused' },
  );
}

function explain(error: Error, address: EndpointAddress): NetTcpError {
  const { uri, host } = address;
  const code = systemCode(error) ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return connectionRefused(address, code, error);
    case 'EAI_AGAIN':
      return new NetTcpError(
        'EndpointNotFound',
        `Cannot resolve the host name "${host}" of ${uri} now: no name server answers. Try again, look at this machine's network, or give an IP address.`,
        { cause: error, reason: 'host-not-found' },
      );
    case 'ENOTFOUND':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return new NetTcpError(
        'EndpointNotFound',
        `Cannot resolve the host name "${host}" of ${uri} using DNS. Check its spelling.`,
        { cause: error, reason: 'host-not-found' },
      );
    case 'ETIMEDOUT':
      return new NetTcpError('Timeout', `Connecting to ${uri} timed out.`, { cause: error });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'EADDRNOTAVAIL':
      return new NetTcpError(
        'EndpointNotFound',
        `Could not connect to ${uri}. TCP error code ${code}: no route leads to that host.`,
        { cause: error, reason: 'host-unreachable' },
      );
    default: {
      const zone = code === 'EINVAL' ? missingZone(host) : undefined;
      if (zone !== undefined)
        return new NetTcpError('Usage', `Could not connect to ${uri}: ${zone}`);
      return environmentError(`Could not connect to ${uri}`, error, '');
    }
  }
}
