// Our client keeps its connections, by host and port: sessions with all services of a port go over one.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, NetTcpBinding, type NetTcpBindingOptions } from '../../../shared/index.ts';
import { IEcho } from '../../fixtures/wcf-contracts.ts';
import { Command, privateDirectory, startService } from '../../helpers/command.ts';
import { statusOf } from '../../helpers/status.ts';

const ROUNDS = 5;

/** Counts the connections that this process begins. */
function countConnections(): () => number {
  let count = 0;
  const onSocket = (): void => void count++;
  subscribe('net.client.socket', onSocket);
  onTestFinished(() => void unsubscribe('net.client.socket', onSocket));
  return () => count;
}

test.for<[name: string, binding: NetTcpBindingOptions]>([
  ['msgpack', { encoding: 'msgpack' }],
  ['soap', { encoding: 'soap' }],
  ['soap, streamed', { encoding: 'soap', transferMode: 'streamed' }],
])(
  '%s: one connection for the numbers of three processes, each of which answers for itself',
  async ([, binding]) => {
    const directory = privateDirectory();
    const { port } = await startService(directory);
    const numbers = ['1', '2', '3'];
    for (const number of numbers) {
      const base = `net.tcp://localhost:${port}/calculator/${number}`;
      const args = ['--shared', '--address', base];
      const service = new Command('dist/test/fixtures/wcf-service.js', args, { directory });
      await service.said('ready');
    }
    const connections = countConnections();
    const factory = new ChannelFactory(IEcho, new NetTcpBinding(binding));
    onTestFinished(() => factory.close());
    for (let round = 0; round < ROUNDS; round++) {
      for (const number of numbers) {
        const path = `/calculator/${number}/echo`;
        const echo = factory.createChannel(`net.tcp://localhost:${port}${path}`);
        expect(await echo.WhoAmI()).toBe(path);
        expect(await echo.Echo(`${round} ${number}`)).toBe(`${round} ${number}`);
        await echo.close();
      }
    }
    expect(connections()).toBe(1);
    const { registrations } = await statusOf(directory);
    const handedOver = registrations.filter(({ address }) => address.endsWith('/echo'));
    // Each time it goes on to another service; a session with the same one stays there.
    expect(handedOver.map((each) => each.handedOver)).toEqual(numbers.map(() => ROUNDS));
  },
);
