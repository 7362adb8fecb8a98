// Callbacks on a shared port: sockets handed over, and relayed; and behind a route.
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../../scripts/free-port.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import { INews, listener, news } from '../../../fixtures/news.ts';
import { PORT_SHARING, privateDirectory, program, runCommand } from '../../../helpers/command.ts';
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
  await hears(`${base}/news`);
});

test('behind a route', async () => {
  const directory = privateDirectory();
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(INews, news, 'net.tcp://localhost:0/duplex', { addressFilterMode: 'any' });
  await host.open();
  onTestFinished(() => host.close());
  const target = `127.0.0.1:${/:(\d+)\//.exec(host.addresses[0] ?? '')?.[1]}`;
  const port = String(await freePort());
  const args = ['route', 'add', '/duplex', target, '--port', port];
  const started = await runCommand(PORT_SHARING, ['start'], { directory });
  expect(started).toMatchObject({ status: 0 });
  expect(await runCommand(PORT_SHARING, args, { directory })).toMatchObject({ status: 0 });
  await hears(`net.tcp://localhost:${port}/duplex`);
});

/** In both encodings, one session after another: callbacks within a call, and after it. */
async function hears(address: string): Promise<void> {
  for (const encoding of ['msgpack', 'soap'] as const) {
    const factory = new ChannelFactory(INews, new NetTcpBinding({ encoding }));
    onTestFinished(() => factory.close());
    const callback = listener();
    const channel = factory.createChannel(address, { callback });
    expect(await channel.AskBack('q')).toBe('asked: answer to q');
    expect(await channel.Subscribe('T')).toBe('subscribed T');
    await eventually(() => expect(callback.heard).toEqual(['T 0', 'T 1', 'T 2']));
    await channel.close();
  }
}
