// A service behind a port mapping: its address is not where it is reached.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { NetTcpBinding, type NetTcpBindingOptions } from '../../../shared/net-tcp-binding.ts';
import { calculator } from '../../../service/calculator.ts';
import { ServiceHost } from '../../../shared/rpc/service/service-host.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';
import { CLIENT, runCommand, startService } from '../../helpers/command.ts';

/** Forwards connections to `port`. @returns the port that it listens on, and how many came */
async function forwarderTo(port: string): Promise<{ readonly port: number; count(): number }> {
  let count = 0;
  const server = createServer((from) => {
    count += 1;
    const to = connect(Number(port), '127.0.0.1');
    from.on('error', () => to.destroy()).pipe(to);
    to.on('error', () => from.destroy()).pipe(from);
    onTestFinished(() => void from.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, count: () => count };
}

test.for<NetTcpBindingOptions>([
  {},
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
])('with %o', async (options) => {
  const args = ['--port', '0', '--no-port-sharing', '--salt', '1'];
  const { address, port } = await startService(undefined, args);
  const forwarder = await forwarderTo(port);
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding(options));
  onTestFinished(() => factory.close());
  const via = `net.tcp://127.0.0.1:${forwarder.port}/calculator/1`;
  const proxy = factory.createChannel(address, { via });
  expect(await proxy.Add(1, 2)).toBe(3);
  await proxy.close();
  expect(forwarder.count()).toBe(1);
  // The service compares the port that a SOAP message names with its own.
  if (options.encoding !== 'soap') return;
  const astray = factory.createChannel(via);
  await expect(astray.Add(1, 2)).rejects.toMatchObject({ code: 'EndpointNotFound' });
  astray.abort();
});

test('an endpoint may take messages to any address', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  const add = (options: object): unknown =>
    host.addEndpoint(ICalculator, calculator, 'net.tcp://127.0.0.1:0/any', options);
  expect(() => add({ addressFilter: 'any' })).toThrow('Did you mean "addressFilterMode"?');
  expect(() => add({ addressFilterMode: 'prefix' })).toThrow("must be 'exact' or 'any'");
  add({ addressFilterMode: 'any' });
  await host.open();
  onTestFinished(() => host.abort());
  const via = host.addresses[0] ?? '';
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding({ encoding: 'soap' }));
  onTestFinished(() => factory.close());
  const proxy = factory.createChannel('net.tcp://public.example:1/other', { via });
  expect(await proxy.Add(1, 2)).toBe(3);
  await proxy.close();
});

test('a wrong one is refused before anything is connected', () => {
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  const make = (options: object) => (): unknown =>
    factory.createChannel('net.tcp://localhost:9000/x', options);
  expect(make({ via: 'http://x/' })).toThrow(/"http:\/\/x\/" is not a net\.tcp address/);
  expect(make({ Via: 'net.tcp://x:1/' })).toThrow('Did you mean "via"?');
});

test('the client has it as an option', async () => {
  const args = ['--port', '0', '--no-port-sharing', '--salt', '1'];
  const { address, port } = await startService(undefined, args);
  const forwarder = await forwarderTo(port);
  const via = `net.tcp://127.0.0.1:${forwarder.port}/calculator/1`;
  const words = ['--address', address, '--via', via, '--encoding', 'soap', 'add', '1', '2'];
  const client = await runCommand(CLIENT, words);
  expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n', stderr: '' });
  expect(forwarder.count()).toBe(1);
});
