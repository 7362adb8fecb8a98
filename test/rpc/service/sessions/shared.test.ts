// Callbacks on a shared port: sockets handed over, and relayed.
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../../scripts/free-port.ts';
import { ChannelFactory, NetTcpBinding } from '../../../../shared/index.ts';
import { INews, listener } from '../../../fixtures/news.ts';
import { privateDirectory, program } from '../../../helpers/command.ts';
import { eventually } from '../../../helpers/eventually.ts';

test.for([
  ['handed over', {}],
  ['relayed', { NET_TCP_PORT_SHARING_TRANSFER: 'relay' }],
] as const)('%s', async ([, env]) => {
  const directory = privateDirectory();
  const base = `net.tcp://localhost:${await freePort()}/duplex`;
  const command = [
    process.execPath,
    'dist/test/fixtures/wcf-service.js',
    '--shared',
    '--address',
    base,
  ];
  const service = program(command, {
    env: { ...env, NET_TCP_PORT_SHARING_DIR: directory },
  });
  await service.said(`ready ${base}`);
  for (const encoding of ['msgpack', 'soap'] as const) {
    const factory = new ChannelFactory(INews, new NetTcpBinding({ encoding }));
    onTestFinished(() => factory.close());
    const callback = listener();
    const channel = factory.createChannel(`${base}/news`, { callback });
    expect(await channel.AskBack('q')).toBe('asked: answer to q');
    expect(await channel.Subscribe('T')).toBe('subscribed T');
    await eventually(() => expect(callback.heard).toEqual(['T 0', 'T 1', 'T 2']));
    await channel.close();
  }
});
