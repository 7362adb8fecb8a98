// What a client makes of the first that a service says, or does not say.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { ITest, testImplementation } from '../fixtures/test-contract.ts';

const ACK = 0x0b;
const END = 0x07;

/** A service behind a proxy. `first` has the first connection; the others go through. */
async function behindProxy(first: (socket: Socket) => void): Promise<{
  readonly address: string;
  readonly connections: () => number;
}> {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  const { port } = parseAddress(host.addresses[0] ?? '');
  let connections = 0;
  const proxy = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    if (connections === 1) return first(socket);
    const onward = connect(port, '127.0.0.1');
    onward.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  }).listen(port, '127.0.0.2'); // the same port: SOAP's To names it
  await once(proxy, 'listening');
  onTestFinished(async () => {
    proxy.close();
    await host.close();
  });
  return { address: `net.tcp://127.0.0.2:${port}/test`, connections: () => connections };
}

test.for(['msgpack', 'soap', 'streamed'])(
  'a %s service that ends the session together with its ack was about to close: another try finds the next',
  async (kind) => {
    const { address, connections } = await behindProxy((socket) => {
      socket.once('data', () => socket.write(Uint8Array.of(ACK, END)));
    });
    const factory = new ChannelFactory(
      ITest,
      new NetTcpBinding({
        encoding: kind === 'msgpack' ? 'msgpack' : 'soap',
        transferMode: kind === 'streamed' ? 'streamed' : 'buffered',
      }),
    );
    const proxy = factory.createChannel(address);
    onTestFinished(() => {
      proxy.abort();
      factory.close();
    });
    expect(await proxy.Echo('x')).toBe('x');
    expect(connections()).toBe(2);
  },
);
