// What a host says that it is, and when what it was asked for has come about.
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { ITest, testImplementation } from '../../fixtures/test-contract.ts';

async function make(): Promise<{ host: ServiceHost; port: number }> {
  const host = new ServiceHost(new NetTcpBinding());
  const port = await freePort();
  host.addEndpoint(ITest, testImplementation(), `net.tcp://127.0.0.1:${port}/test`);
  return { host, port };
}

/** Whether somebody else can have the port. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const ABORTED = { code: 'CommunicationObjectAborted' };

test.for([0, 1, 2, 5, 20, 50])(
  'a host that is closed %d turns after it began to open has closed when close says so',
  async (turns) => {
    const { host, port } = await make();
    const opening = host.open();
    const failed = opening.then(
      () => undefined,
      (error: unknown) => error,
    );
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    const wasOpened = host.state === 'opened';
    await host.close();
    expect(await isFree(port)).toBe(true);
    expect(host.state).toBe(wasOpened ? 'closed' : 'created');
    if (!wasOpened) expect(await failed).toMatchObject(ABORTED);
  },
);

test('a host that was closed while it was opened can be opened again', async () => {
  const { host, port } = await make();
  const first = host.open();
  const [, outcome] = await Promise.allSettled([host.close(), first]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: ABORTED });
  await host.open();
  expect({ state: host.state, isFree: await isFree(port) }).toEqual({
    state: 'opened',
    isFree: false,
  });
  await host.close();
});

test('a host that was aborted is closed, and stays so', async () => {
  const { host, port } = await make();
  await host.open();
  host.abort();
  expect(host.state).toBe('closed');
  await host.close();
  expect({ state: host.state, isFree: await isFree(port) }).toEqual({
    state: 'closed',
    isFree: true,
  });
  await expect(host.open()).rejects.toMatchObject({ code: 'Usage', message: 'the host is closed' });
});

test('close says so when all of it is closed, however often it is asked', async () => {
  const { host, port } = await make();
  await host.open();
  await Promise.all([host.close(), host.close()]);
  expect({ state: host.state, isFree: await isFree(port) }).toEqual({
    state: 'closed',
    isFree: true,
  });
});

test('close of a host that was never opened does nothing', async () => {
  const { host } = await make();
  await host.close();
  host.abort();
  expect(host.state).toBe('created');
});
