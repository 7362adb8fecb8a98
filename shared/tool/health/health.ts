import { makeAddress, showEndpoint, unbracketed } from '../../address.ts';
import { checkInteger } from '../../command-line/command.ts';
import { ICalculator } from '../../contract/calculator.ts';
import type { Terminal } from '../../command-line/terminal.ts';
import { NetTcpError } from '../../errors.ts';
import { NetTcpBinding } from '../../net-tcp-binding.ts';
import { jsonLine } from '../../printable.ts';
import { ChannelFactory } from '../../rpc/client/channel-factory.ts';
import { HEALTH_PATH } from '../../transport/fronts/health-path.ts';

/** A daemon that takes longer is not well; who asks has limits of a few seconds. */
const TIMEOUT_MS = 5_000;

/**
 * `net-tcp-port-sharing health [HOST]`: asks a daemon's health path, over the network as clients come, and says what
 * it answers.
 *
 * @returns exit status: 0 if clients should be sent there
 * @throws {NetTcpError} `EndpointNotFound` if not, or if nobody listens, `Communication` or `Timeout` if nobody answers
 */
export async function health(
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
  host: string,
  port: number,
): Promise<number> {
  const checked = checkInteger('--port', port, 1, 65_535);
  const { uri } = makeAddress(unbracketed(host), checked, HEALTH_PATH.slice(1).split('/'));
  const limits = { openTimeoutMs: TIMEOUT_MS, closeTimeoutMs: TIMEOUT_MS };
  // A session there has no messages, so that the contract does not matter.
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding({ limits }));
  const channel = factory.createChannel(uri);
  const at = showEndpoint(unbracketed(host), checked);
  try {
    await channel.open();
    await channel.close();
  } catch (error) {
    const { code, reason, message } = NetTcpError.from(error);
    const text =
      code === 'EndpointNotFound' && reason === undefined
        ? `Send no clients to ${at}: the daemon was told to stop, or there is another program.`
        : message;
    throw new NetTcpError(code, text, { cause: error, reason });
  } finally {
    channel.abort();
    factory.close();
  }
  if (json) terminal.out(jsonLine({ event: 'healthy', at }));
  else terminal.out(`The daemon at ${at} is well.`);
  return 0;
}
