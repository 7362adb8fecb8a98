// A calculator that tells every result to whoever has subscribed: callbacks, over MessagePack and SOAP alike.
import {
  ChannelFactory,
  defineContract,
  type DuplexContext,
  NetTcpBinding,
  oneWay,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const IResults = defineContract({
  name: 'IResults',
  namespace: 'http://example.org/told',
  operations: {
    OnResult: oneWay([
      ['what', types.string],
      ['result', types.double],
    ]),
  },
});
const numbers = [
  ['n1', types.double],
  ['n2', types.double],
] as const;
const ICalculator = defineContract({
  name: 'ICalculator',
  namespace: 'http://example.org/told',
  callback: IResults,
  operations: { Subscribe: operation([]), Add: operation(numbers, types.double) },
});

const subscribers = new Set<DuplexContext<typeof IResults.definitions>['callback']>();
// A subscriber that only listens brings no message: without this it would be given up after ten minutes.
const limits = { receiveTimeoutMs: 24 * 3_600_000 };
const host = new ServiceHost(new NetTcpBinding({ limits }));
host.addEndpoint(
  ICalculator,
  {
    Subscribe({ callback, signal }) {
      subscribers.add(callback);
      signal.addEventListener('abort', () => subscribers.delete(callback), { once: true });
    },
    Add(n1, n2) {
      // Nobody waits for a subscriber: one that is gone, or does not read, costs its own session.
      for (const { OnResult } of subscribers) void OnResult(`${n1} + ${n2}`, n1 + n2);
      return n1 + n2;
    },
  },
  'net.tcp://localhost:0/told',
);
await host.open();
const [address = ''] = host.addresses;

const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
/** Subscribes, and resolves with the first result that it is told. */
async function subscribe(name: string) {
  let tell: (line: string) => void = () => {};
  const told = new Promise<string>((resolve) => (tell = resolve));
  const callback = {
    OnResult: (what: string, result: number) => tell(`${name} hears: ${what} = ${result}`),
  };
  const channel = factory.createChannel(address, { callback });
  await channel.Subscribe();
  return { channel, told };
}

const count = Number(process.argv[2] ?? 3);
const names = Array.from({ length: count }, (_, index) => `subscriber ${index + 1}`);
const all = await Promise.all(names.map((name) => subscribe(name)));
const begun = performance.now();
const sum = await all[0]?.channel.Add(100, 15.99);
const lines = await Promise.all(all.map(({ told }) => told));
const ms = Math.ceil(performance.now() - begun);
console.log(lines.slice(0, 3).join('\n'));
console.log(`the caller got ${sum}, ${lines.length} subscribers were told`);
if (count > 3) console.log(`in ${ms} ms`);

await Promise.all(all.map(({ channel }) => channel.close()));
factory.close();
await host.close();
console.log(`${subscribers.size} are left`);
