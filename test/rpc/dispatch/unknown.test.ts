// Calls between a client and a service whose contracts differ: they succeed, and each side's process is warned.
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  operation,
  ServiceHost,
  types,
} from '../../../shared/index.ts';
import { untrusted } from '../../../shared/printable.ts';

const BINDINGS = [
  { encoding: 'msgpack' },
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
] as const;

function warned(): string[] {
  const warnings: string[] = [];
  const onWarning = ({ name, message }: Error): unknown => warnings.push(`${name}: ${message}`);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  return warnings;
}

test.for(BINDINGS)('%j: both sides are warned, once', async (binding) => {
  const kind = `${binding.encoding}${'transferMode' in binding ? 'Streamed' : ''}`;
  const Sent = types.object(kind, { Id: types.int, New: types.string });
  const Answered = types.object(kind, { Id: types.int, Old: types.int });
  const theirs = defineContract({
    name: 'I',
    operations: { Put: operation([['o', Sent]], types.object(kind, { Id: types.int })) },
  });
  const ours = defineContract({
    name: 'I',
    operations: { Put: operation([['o', types.object(kind, { Id: types.int })]], Answered) },
  });
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ours, { Put: (o) => ({ ...o, Old: 1 }) }, 'net.tcp://localhost:0/unknown');
  await host.open();
  const factory = new ChannelFactory(theirs, new NetTcpBinding(binding));
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  onTestFinished(async () => {
    proxy.abort();
    factory.close();
    await host.close();
  });
  const warnings = warned();
  for (let call = 0; call < 3; call++) {
    expect(await proxy.Put({ Id: call, New: 'x' })).toEqual({ Id: call });
  }
  await new Promise((resolve) => setImmediate(resolve));
  const why = 'that the contract here does not know: it was passed over.';
  expect(warnings).toEqual([
    `NetTcpWarning: A request of Put has a member "New" of ${kind} ${why}`,
    `NetTcpWarning: An answer of Put has a member "Old" of ${kind} ${why}`,
  ]);
});

test('a peer that sends ever new ones fills no log, and controls no terminal', async () => {
  vi.resetModules(); // the process has given others
  const { warnOfUnknown } = await import('../../../shared/rpc/unknown.ts');
  const warnings = warned();
  for (let call = 0; call < 30; call++) {
    const name = untrusted(`${call}\u001b[2J\n${'x'.repeat(1_000)}`);
    warnOfUnknown('request', 'Put', [{ what: 'member', name, of: 'O', isMisplaced: call > 0 }]);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings.slice(0, 2)).toEqual([
    `NetTcpWarning: A request of Put has a member "0\\u001b[2J\\u000a${'x'.repeat(58)}…" of O that the contract here does not know: it was passed over.`,
    `NetTcpWarning: A request of Put has a member "1\\u001b[2J\\u000a${'x'.repeat(58)}…" of O twice, out of order or in another namespace: it was passed over.`,
  ]);
  expect(warnings).toHaveLength(10);
});
