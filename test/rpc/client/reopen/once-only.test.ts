// Nothing is ever executed twice: whatever a connection does, and at whichever byte.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../../shared/address.ts';
import {
  ChannelFactory,
  ICalculator,
  NetTcpBinding,
  type NetTcpBindingOptions,
  NetTcpError,
  ServiceHost,
} from '../../../../shared/index.ts';
import { makeCertificates, TRANSPORT } from '../../../transport/tls/secured.ts';
import { type Cut, hostileWay } from './hostile-way.ts';

const CALLS = 6;

const certificates = makeCertificates();

const KINDS: readonly (readonly [name: string, binding: NetTcpBindingOptions, bytes: number])[] = [
  ['msgpack', {}, 260],
  ['soap', { encoding: 'soap' }, 1_200],
  ['msgpack, TLS', { security: TRANSPORT.none }, 3_000],
  ['soap, TLS', { security: TRANSPORT.none, encoding: 'soap' }, 3_500],
];

interface Outcome {
  /** How often each call was executed, by its first argument. */
  readonly executed: ReadonlyMap<number, number>;
  readonly results: readonly PromiseSettledResult<number>[];
}

/** Makes calls through connections that end as `cuts` say: one after the other, or all at once. */
async function callThrough(
  options: NetTcpBindingOptions,
  cuts: readonly Cut[],
  isAtOnce: boolean,
): Promise<Outcome> {
  const executed = new Map<number, number>();
  const isSecured = options.security !== undefined;
  const binding = new NetTcpBinding({ ...options, limits: { openTimeoutMs: 20_000 } });
  const { certificate, key } = certificates.server;
  const host = new ServiceHost(binding, isSecured ? { credentials: { certificate, key } } : {});
  const count = (n1: number, n2: number): number => {
    executed.set(n1, (executed.get(n1) ?? 0) + 1);
    return n1 + n2;
  };
  const methods = { Add: count, Subtract: count, Multiply: count, Divide: count };
  host.addEndpoint(ICalculator, methods, 'net.tcp://127.0.0.1:0/calc', {
    addressFilterMode: 'any',
  });
  await host.open();
  const port = await hostileWay(parseAddress(host.addresses[0] ?? '').port, cuts);
  const credentials = isSecured ? { credentials: { ca: certificates.ca } } : {};
  const factory = new ChannelFactory(ICalculator, binding, credentials);
  const via = `net.tcp://127.0.0.2:${port}/calc`;
  const proxy = factory.createChannel('net.tcp://localhost/calc', { via, reopen: true });
  const results: PromiseSettledResult<number>[] = [];
  const numbers = Array.from({ length: CALLS }, (_, index) => index);
  if (isAtOnce) results.push(...(await Promise.allSettled(numbers.map((n) => proxy.Add(n, 1)))));
  else for (const n of numbers) results.push(...(await Promise.allSettled([proxy.Add(n, 1)])));
  proxy.abort();
  factory.close();
  host.abort();
  return { executed, results };
}

function check({ executed, results }: Outcome): void {
  for (const [n, result] of results.entries()) {
    const times = executed.get(n) ?? 0;
    if (result.status === 'fulfilled') expect([n, result.value, times]).toEqual([n, n + 1, 1]);
    else {
      expect(times).toBeLessThanOrEqual(1);
      const { code, reason } = result.reason as NetTcpError;
      // Whoever is told anything else may rely on it: the call was not executed.
      if (times > 0) expect([code, reason]).toEqual(['Communication', 'maybe-executed']);
    }
  }
}

test.for(['client', 'service'] as const)(
  'msgpack, cut after every byte of the %s: nothing is executed twice, and one call is lost at most',
  async (from) => {
    for (let after = 0; after <= 90; after++) {
      const outcome = await callThrough({}, [{ from, after, how: 'destroy' }], false);
      check(outcome);
      const lost = outcome.results.filter(({ status }) => status === 'rejected');
      expect(lost.length).toBeLessThanOrEqual(1);
    }
  },
);

test.for(KINDS)(
  '%s: however connections end, nothing is executed twice',
  { timeout: 120_000 },
  async ([, options, bytes]) => {
    const cut = fc.record<Cut>({
      from: fc.constantFrom('client', 'service'),
      after: fc.integer({ min: 0, max: bytes }),
      how: fc.constantFrom('destroy', 'resetAndDestroy', 'end'),
    });
    const property = fc.asyncProperty(
      fc.array(cut, { maxLength: 4 }),
      fc.boolean(),
      async (cuts, isAtOnce) => check(await callThrough(options, cuts, isAtOnce)),
    );
    await fc.assert(property, { numRuns: 60 });
  },
);
