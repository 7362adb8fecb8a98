// Connects, calls and closes, as fast as it can.
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';
import { sleep } from '../../../shared/time.ts';
import { serve } from '../../serve.ts';

interface Options {
  readonly addresses: readonly string[];
  readonly atOnce: number;
  readonly seconds: number;
}

export interface Churned {
  readonly made: number;
  readonly wrong: number;
  readonly errors: Readonly<Record<string, number>>;
}

const binding = new NetTcpBinding();

serve({
  async churn({ addresses, atOnce, seconds }: Options): Promise<Churned> {
    const endAt = performance.now() + seconds * 1_000;
    let made = 0;
    let wrong = 0;
    const errors: Record<string, number> = {};
    const worker = async (): Promise<void> => {
      while (performance.now() < endAt) {
        const factory = new ChannelFactory(ICalculator, binding);
        const n = made++;
        const channel = factory.createChannel(addresses[n % addresses.length] ?? '');
        try {
          if ((await channel.Add(n, 0.5)) !== n + 0.5) wrong += 1;
          // Connections end in both ways, by turns.
          if (n % 2 === 0) await channel.close();
          else channel.abort();
        } catch (error) {
          const { code } = NetTcpError.from(error);
          errors[code] = (errors[code] ?? 0) + 1;
          await sleep(1);
        }
        factory.close();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { made, wrong, errors };
  },
});
