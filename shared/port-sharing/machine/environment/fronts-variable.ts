import { NetTcpError } from '../../../errors.ts';
import { Fronts } from '../../../transport/fronts/fronts.ts';

/** Environment variable with the fronts that daemons trust: `ADDRESS/BITS`, separated by commas. */
export const FRONTS_VARIABLE = 'NET_TCP_PORT_SHARING_TRUST_PROXY';

/** @throws {NetTcpError} `Usage`, as {@link Fronts.parse} */
export function frontsFromEnvironment(): Fronts {
  try {
    return Fronts.parse(process.env[FRONTS_VARIABLE] ?? '');
  } catch (caught) {
    const { code, message } = NetTcpError.from(caught);
    throw new NetTcpError(code, `${FRONTS_VARIABLE}: ${message}`, { cause: caught });
  }
}
