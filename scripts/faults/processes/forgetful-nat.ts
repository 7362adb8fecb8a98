// A box between client and service, such as a NAT, that can forget its connections without telling anybody.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { serve } from '../../serve.ts';

/** Both sockets of each connection that it remembers. */
const remembered = new Set<Socket>();

serve({
  /** Begins to listen. @param port of the service @returns its own port */
  async begin({ port }: { readonly port: number }): Promise<number> {
    const server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      forward(near, far);
      forward(far, near);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },
  /** From now on nothing passes on existing connections; new ones are forwarded. */
  forget() {
    remembered.clear();
  },
});

function forward(from: Socket, to: Socket): void {
  remembered.add(from);
  from.on('error', () => {});
  from.on('data', (octets) => remembered.has(from) && to.write(octets));
  from.on('close', () => remembered.has(from) && to.destroy());
}
