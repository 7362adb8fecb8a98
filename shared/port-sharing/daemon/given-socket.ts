import { isIPv6, type Server, type Socket, SocketAddress } from 'node:net';
import { showEndpoint } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import { ignoreError } from '../../transport/connection.ts';
import { acceptor, portOf } from '../../transport/listener.ts';

/** A listening socket that another process had, as a descriptor of this one. */
export interface GivenListener {
  readonly host: string;
  readonly port: number;
  readonly descriptor: number;
}

// Whoever opened the socket may have let the kernel hold more connections than this process would.
const MAX_BACKLOG = 65_535;
const WILDCARDS = new Set(['0.0.0.0', '::']);

/**
 * Accepts on a listening socket that somebody else has opened: a service, another daemon, systemd.
 *
 * @param backlog connections that the kernel may hold until they are accepted
 */
export function listenWith(
  descriptor: number,
  backlog: number,
  onConnection: (socket: Socket) => void,
): Server {
  const server = acceptor(Math.max(backlog, MAX_BACKLOG), onConnection);
  server.on('error', ignoreError);
  return server.listen({ fd: descriptor, backlog });
}

/**
 * Where `server` listens, which was made from `descriptor`.
 *
 * @throws {NetTcpError} `Communication` if it is not a TCP socket for a single address; it is closed then
 */
export function checkShareable(
  server: Server,
  descriptor: number,
): { readonly host: string; readonly port: number } {
  const host = hostOf(server);
  const port = portOf([server]);
  if (port !== 0 && !WILDCARDS.has(host)) return { host, port };
  server.close();
  const what =
    port === 0
      ? `descriptor ${descriptor}, which is not a listening TCP socket`
      : `${showEndpoint(host, port)}, which listens on every address`;
  const text = `The port-sharing daemon was started with ${what}: it needs one TCP socket for each address, such as 127.0.0.1:9000.`;
  throw new NetTcpError('Communication', text);
}

/** @throws {NetTcpError} `Protocol` unless `server` listens on that address and that port, and on no other */
export function checkListens(server: Server, host: string, port: number): void {
  const real = hostOf(server);
  const isThere = real === host || (isIPv6(real) && isIPv6(host) && plain(real) === plain(host));
  if (isThere && portOf([server]) === port && !WILDCARDS.has(real)) return;
  const text = `a socket for ${showEndpoint(host, port)} listens on ${showEndpoint(real, portOf([server]))}`;
  throw new NetTcpError('Protocol', text);
}

/** An IPv6 address, which has several forms, in the one that Node writes, without its zone. */
function plain(address: string): string {
  const [unscoped = ''] = address.split('%');
  return new SocketAddress({ address: unscoped, family: 'ipv6' }).address;
}

/** The local address that `server` listens on; empty if it does not listen. */
export function hostOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.address : '';
}
