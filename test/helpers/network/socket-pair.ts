import { once } from 'node:events';
import { connect, createServer, type Socket, type SocketConnectOpts } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A TCP connection on loopback, from both ends: accepted and made. Closed when the test ends.
 *
 * @param options for the end that is made
 */
export async function socketPair(
  options: Partial<SocketConnectOpts> = {},
): Promise<readonly [near: Socket, far: Socket]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...options });
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  far.on('error', () => {});
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}
