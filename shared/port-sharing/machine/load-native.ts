import { messageOf, NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { loadNative, type Native } from './native.ts';

/** How a connection gets from the daemon to its service. */
export type Transfer = 'hand-over' | 'relay';

/** Environment variable that forces one {@link Transfer}, for a daemon and for services alike. */
export const TRANSFER_VARIABLE = 'NET_TCP_PORT_SHARING_TRANSFER';

/**
 * Refuses to share a port on runtimes where that only seems to work: services there never see a connection that is
 * handed over.
 *
 * @throws {NetTcpError} `Communication` naming the runtime
 */
export function checkRuntime(versions: Readonly<Record<string, string | undefined>>): void {
  const runtime = (['bun', 'deno'] as const).find((name) => versions[name] !== undefined);
  if (runtime === undefined) return;
  const name = `${runtime === 'bun' ? 'Bun' : 'Deno'} ${versions[runtime] ?? ''}`;
  const text = `A service on ${name} cannot share a port: it would listen, and never see a connection that is handed to it. Run it on Node, or give it a port of its own (portSharing: false).`;
  throw new NetTcpError('Communication', text);
}

/**
 * Loads what hand-over needs, unless the relay is asked for.
 *
 * @returns `undefined` if this process relays
 * @throws {NetTcpError} `Usage` for an unknown value, `Communication` if hand-over is asked for and impossible
 *   here
 */
export async function nativeFor(
  wanted = process.env[TRANSFER_VARIABLE] ?? '',
): Promise<Native | undefined> {
  switch (wanted) {
    case 'relay':
      return undefined;
    case '':
      return await loadNative().catch(() => undefined);
    case 'hand-over':
      return await loadNative().catch((cause: unknown) => {
        const text = `Connections cannot be handed over here: ${messageOf(cause)}. Install koffi, or use the relay.`;
        throw new NetTcpError('Communication', text, { cause });
      });
    default:
      throw new NetTcpError(
        'Usage',
        `${TRANSFER_VARIABLE} must be "hand-over" or "relay", not "${wanted}".`,
      );
  }
}

/** Why {@link nativeFor} gave nothing, for whoever wonders: in words fit to be shown. */
export async function reasonToRelay(
  wanted = process.env[TRANSFER_VARIABLE] ?? '',
): Promise<string> {
  if (wanted === 'relay') return `${TRANSFER_VARIABLE} is relay`;
  return await loadNative().then(
    () => 'what could not be loaded before can be loaded now',
    (error: unknown) => printable(reasonsOf(error).join(': ')),
  );
}

/** What an error says, and what its causes do, outermost first. */
function reasonsOf(error: unknown): string[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return [firstLine(messageOf(error)), ...(cause === undefined ? [] : reasonsOf(cause))];
}

/** Node's own errors go on with what was tried. */
function firstLine(text: string): string {
  return text.split('\n', 1).join('');
}
