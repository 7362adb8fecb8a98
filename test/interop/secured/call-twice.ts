import { messageOf, NetTcpError } from '../../../shared/errors.ts';
import type { ChannelFactory, ICalculator } from '../../../shared/index.ts';

/** Two sessions, one after the other. @returns both results, or the code of an error */
export async function callTwice(
  factory: ChannelFactory<typeof ICalculator>,
  address: string,
): Promise<string> {
  const results: number[] = [];
  try {
    for (let session = 0; session < 2; session++) {
      await using proxy = factory.createChannel(address);
      results.push(await proxy.Add(100, 15.99));
    }
    return results.join(' ');
  } catch (error) {
    return error instanceof NetTcpError ? error.code : messageOf(error);
  }
}
