// What a failed call says, and another try where that makes sense.
import { setTimeout } from 'node:timers/promises';
import { ChannelFactory, ICalculator, NetTcpBinding, NetTcpError } from 'net-tcp-port-sharing';

function isWorthAnotherTry(error: unknown): boolean {
  if (!(error instanceof NetTcpError)) return false;
  return error.code === 'ServerTooBusy' || error.reason === 'connection-refused';
}

// Limits that differ from the defaults; those of a service are set in the same way.
const binding = new NetTcpBinding({
  limits: { openTimeoutMs: 5_000, maxReceivedMessageSize: 1_048_576 },
});
const factory = new ChannelFactory(ICalculator, binding);

for (let tries = 1; tries <= 3; tries++) {
  // A channel that failed is of no more use: a new one for each try.
  const calculator = factory.createChannel('net.tcp://localhost:9000/calculator/4381');
  try {
    console.log(await calculator.Add(100, 15.99));
    await calculator.close();
    break;
  } catch (error) {
    calculator.abort();
    if (!isWorthAnotherTry(error)) throw error;
    if (error instanceof NetTcpError) console.log(`try ${tries}: ${error.code}, ${error.reason}`);
    await setTimeout(100);
  }
}
factory.close();
