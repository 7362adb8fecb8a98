// A service and a client of it in one program, on port 9000 that other services can share.
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const IGreeter = defineContract({
  name: 'IGreeter',
  namespace: 'http://example.org/greeter',
  operations: { Greet: operation([['name', types.string]], types.string) },
});
const address = 'net.tcp://localhost:9000/greeter';

const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
host.addEndpoint(IGreeter, { Greet: (name) => `Hello, ${name}.` }, address);
await host.open();

const factory = new ChannelFactory(IGreeter, new NetTcpBinding());
const greeter = factory.createChannel(address);
console.log(await greeter.Greet('world', { timeoutMs: 1_000 }));
await greeter.close();

factory.close();
await host.close();
