// A service that knows no more of the suite than docs/handshake.md shares a port with it.
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../../scripts/run.ts';
import { ChannelFactory, ICalculator, NetTcpBinding } from '../../../shared/index.ts';
import { privateDirectory, program, startService } from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';

const PROGRAM = 'test/port-sharing/handshake/outside-service.py';

test('a service in Python registers beside ours, and is called over the relay', async ({
  skip,
}) => {
  if ((await run(['python3', '--version'])).status !== 0) skip('there is no python3 here');
  const directory = privateDirectory();
  const ours = await startService(directory);
  const address = `net.tcp://localhost:${ours.port}/outside`;
  const socket = path.join(directory, 'control.sock');
  const service = program(['python3', PROGRAM, socket, address], { shows: 'errors' });
  expect(await service.nextLine()).toBe(address);

  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  onTestFinished(() => factory.close());
  for (const [via, sum] of [
    [address, 100 + 15.99],
    [ours.address, 100 + 15.99],
    [`${address}/below`, 100 + 15.99],
  ] as const) {
    const proxy = factory.createChannel(via);
    expect(await proxy.Add(100, 15.99)).toBe(sum);
    await proxy.close();
  }
  const { registrations } = await statusOf(directory);
  expect(registrations.find((one) => one.address === address)).toMatchObject({
    pid: service.pid,
    relayed: 2,
    handedOver: 0,
  });
  service.kill('SIGKILL');
  await eventually(async () =>
    expect(await statusOf(directory)).toMatchObject({ registrations: [{ address: ours.address }] }),
  );
});
