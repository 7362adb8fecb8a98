import type { Contract } from '../../../contract/contract.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Binding } from '../../binding.ts';

interface Wanted {
  readonly reopen?: boolean | undefined;
  readonly via?: string | undefined;
  readonly onSession?: object | undefined;
}

/**
 * Checks what `createChannel` is asked for.
 *
 * @param addresses how many there are
 * @throws {NetTcpError} `Usage` for what only a channel that opens again has, and where opening again would change
 *   what a contract means
 */
export function checkReopening(
  contract: Contract,
  binding: Binding,
  addresses: number,
  { reopen, via, onSession }: Wanted,
): void {
  const why = whyNot();
  if (why !== undefined) throw new NetTcpError('Usage', why);
  function whyNot(): string | undefined {
    if (reopen !== true) {
      if (addresses > 1) return 'Several addresses go with reopen: true only.';
      return onSession && 'The option onSession of createChannel goes with reopen: true only.';
    }
    if (addresses > 1 && via !== undefined) {
      return 'The option via of createChannel leads to one address: leave it out, or name one address.';
    }
    if (binding.isStreamed) {
      return 'A streamed channel has a session for each call: there is nothing to open again. Leave reopen out.';
    }
    if (contract.callback !== undefined) {
      return `${contract.name} has callbacks, which belong to one session: reopen does not go with it. Create another channel when one has ended.`;
    }
    if (contract.sessionMode === 'required') {
      return `${contract.name} requires a session, whose state a new one would not have: reopen does not go with it. Create another channel when one has ended.`;
    }
    return undefined;
  }
}
