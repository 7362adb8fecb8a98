import { describe, expect, test } from 'vitest';
import { countConnections, factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();

describe.for([
  { encoding: 'msgpack', transferMode: 'buffered' },
  { encoding: 'soap', transferMode: 'buffered' },
  { encoding: 'soap', transferMode: 'streamed' },
] as const)('over TLS, $encoding $transferMode', (options) => {
  test('calls are answered, and a connection carries session after session', async () => {
    const [host, address] = await openHost(TRANSPORT.none, { credentials: pki.server });
    const connections = countConnections();
    const factory = factoryFor(TRANSPORT.none, { ca: pki.ca }, options);
    for (let session = 0; session < 4; session++) {
      await using proxy = factory.createChannel(address);
      const calls = Array.from({ length: 20 }, (_, index) => proxy.Add(index, session));
      expect(await Promise.all(calls)).toEqual(calls.map((_, index) => index + session));
    }
    if (options.transferMode === 'buffered') expect(connections()).toBe(1);
    factory.close();
    await host.close();
  });
});
