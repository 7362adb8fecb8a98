// A client that asks for more than it reads.
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import { base64Binary, int } from '../../shared/contract/types/types.ts';
import { NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { preamble } from '../helpers/network/raw-client.ts';
import { request } from '../helpers/msgpack.ts';
import { sleep } from '../../shared/time.ts';

const IOctets = defineContract({
  name: 'IOctets',
  operations: { Octets: operation([['count', int]], base64Binary) },
});
const REQUESTS = 500;
const OCTETS = 60_000;

async function start(): Promise<{ readonly port: number; readonly made: () => number }> {
  let made = 0;
  const host = new ServiceHost(new NetTcpBinding());
  const implementation = {
    Octets(count: number) {
      made += 1;
      return new Uint8Array(count);
    },
  };
  host.addEndpoint(IOctets, implementation, 'net.tcp://127.0.0.1:0/octets');
  await host.open();
  onTestFinished(() => host.abort());
  return { port: Number(/:(\d+)\//.exec(host.addresses[0] ?? '')?.[1]), made: () => made };
}

/** All requests in one piece. */
function requests(): Buffer {
  const envelopes = Array.from({ length: REQUESTS }, (_, id) => {
    const payload = request(id, 'Octets', OCTETS);
    return Buffer.from([6, payload.length, ...payload]);
  });
  return Buffer.concat(envelopes);
}

test('requests that arrive together are answered as fast as the client reads, not faster', async () => {
  const { port, made } = await start();
  const client = connect(port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.write(preamble(`net.tcp://127.0.0.1:${port}/octets`));
  await new Promise((resolve) => client.once('data', resolve));
  client.pause();
  client.write(requests());
  await vi.waitFor(() => expect(made()).toBeGreaterThan(0));
  await sleep(100);
  // What the kernel takes, and a megabyte.
  const early = made();
  expect(early).toBeLessThan(REQUESTS / 2);
  let octets = 0;
  client.on('data', (chunk) => (octets += chunk.length));
  client.resume();
  await vi.waitFor(() => expect(octets).toBeGreaterThan(REQUESTS * OCTETS), 10_000);
  expect(made()).toBe(REQUESTS);
});

test('a client that has sent everything and closed its half gets its answers all the same', async () => {
  const { port, made } = await start();
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  client.write(preamble(`net.tcp://127.0.0.1:${port}/octets`));
  await new Promise((resolve) => client.once('data', resolve));
  client.pause();
  client.end(requests());
  await vi.waitFor(() => expect(made()).toBeGreaterThan(0));
  let octets = 0;
  client.on('data', (chunk) => (octets += chunk.length));
  const ended = new Promise((resolve) => client.on('end', resolve));
  client.resume();
  await ended;
  expect(octets).toBeGreaterThan(REQUESTS * OCTETS);
  expect(made()).toBe(REQUESTS);
});
