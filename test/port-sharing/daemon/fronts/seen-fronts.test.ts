// Which trusted fronts have come, and what a status says of them.
import { expect, test } from 'vitest';
import type { Arrival } from '../../../../shared/port-sharing/daemon/arrival.ts';
import { SeenFronts } from '../../../../shared/port-sharing/daemon/fronts/seen-fronts.ts';
import { Fronts } from '../../../../shared/transport/fronts/fronts.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { loggedDaemon } from '../../../helpers/logged-daemon.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';
import { statusOf } from '../../../helpers/status.ts';
import { header, IPV4_BLOCK } from '../../../transport/fronts/headers.ts';
import { startService } from '../../../helpers/command.ts';

const came = (front: string | undefined, via: string): Arrival =>
  ({ front, via }) as unknown as Arrival;

test('where none is trusted, nothing is said', () => {
  const seen = new SeenFronts(Fronts.none);
  seen.note(came(undefined, 'net.tcp://x/y'));
  expect(seen.status).toEqual({});
});

test('of a network that is trusted, those that came last are kept', () => {
  const seen = new SeenFronts(Fronts.parse('10.0.0.0/8,192.0.2.1'));
  expect(seen.status).toEqual({ trusted: ['10.0.0.0/8', '192.0.2.1'], fronts: [] });
  for (let host = 0; host < 64; host++) seen.note(came(`10.0.0.${host}`, 'net.tcp://x/y'));
  seen.note(came('10.0.0.0', 'net.tcp://x/-/health'));
  expect(seen.status.fronts).toHaveLength(64);
  seen.note(came('10.0.1.0', 'net.tcp://x/y'));
  const { fronts = [] } = seen.status;
  expect(fronts).toHaveLength(64);
  const addresses = fronts.map(({ address }) => address);
  expect(addresses).not.toContain('10.0.0.1');
  expect(addresses.slice(-2)).toEqual(['10.0.0.0', '10.0.1.0']);
  expect(fronts.at(-2)).toMatchObject({ connections: 1, checks: 1 });
  expect(fronts.at(-1)).not.toHaveProperty('lastCheck');
});

test('a daemon tells connections of clients from questions for its health, and nobody else is a front', async () => {
  const { directory } = await loggedDaemon(['--trust-proxy', '127.0.0.2/32']);
  const { port, address } = await startService(directory);
  const open = (from: string, via: string): RawClient => {
    const client = new RawClient(port, '127.0.0.1', from);
    if (from === '127.0.0.2') client.send(header('21', '11', IPV4_BLOCK));
    client.send(preamble(via));
    return client;
  };
  expect(await statusOf(directory)).toMatchObject({ trusted: ['127.0.0.2/32'], fronts: [] });
  await open('127.0.0.1', address).expect('preamble-ack');
  for (const via of [address, `net.tcp://x:${port}/nobody`, address]) {
    await open('127.0.0.2', via).next();
  }
  await open('127.0.0.2', 'net.tcp://x/-/health').expect('preamble-ack');
  await eventually(async () => {
    const { fronts } = await statusOf(directory);
    const isTime = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(fronts).toEqual([
      { address: '127.0.0.2', connections: 3, checks: 1, lastCheck: isTime, lastSeen: isTime },
    ]);
  });
});
