// The package from CommonJS: Node 20.19, 22.12 and newer load ES modules with `require`.
const { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } = require('net-tcp-port-sharing');

async function main() {
  const address = 'net.tcp://localhost:9000/calculator/1';
  const calculator = {
    Add: (n1, n2) => n1 + n2,
    Subtract: (n1, n2) => n1 - n2,
    Multiply: (n1, n2) => n1 * n2,
    Divide: (n1, n2) => n1 / n2,
  };
  const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
  host.addEndpoint(ICalculator, calculator, address);
  await host.open();

  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  const proxy = factory.createChannel(address);
  console.log(await proxy.Add(100, 15.99));
  await proxy.close();

  factory.close();
  await host.close();
}

void main();
