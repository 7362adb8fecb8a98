/** A whole call, or its answer, in the clear at every position of sessions with security: `npm run fuzz -- --everywhere`. */
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';
import { sleep } from '../../shared/time.ts';
import { WAYS, WiredFuzz } from './wired-fuzz.ts';
import { KINDS } from './wired-kinds.ts';

const SESSIONS_AT_A_TIME = 16;
const DAEMON_ENDS_MS = 500;

/**
 * Each kind of security, by each way to a service; with a daemon of its own, which ends soon after the last service.
 *
 * @param begin is told what is played next
 * @param tell is told what became of it: how long both sides' words are, and how often each outcome was seen
 * @throws {Error} as `WiredFuzz.inject` does, naming what was played
 */
export async function injectEverywhere(
  begin: (name: string) => void,
  tell: (text: string) => void,
): Promise<void> {
  const directory = temporaryDirectory();
  process.env['NET_TCP_PORT_SHARING_DIR'] = directory;
  process.env['NET_TCP_PORT_SHARING_LIMITS'] = `idleExitMs=${DAEMON_ENDS_MS}`;
  for (const kind of KINDS) {
    for (const way of WAYS) {
      const name = `${kind}, ${way}`;
      begin(name);
      const fuzz = await WiredFuzz.open(kind, way);
      try {
        const { client, service } = await fuzz.measure();
        const outcomes = await fuzz.inject(0, 1, SESSIONS_AT_A_TIME);
        const ended = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
        tell(`${name}: ${client} positions of the client, ${service} of the service: ${ended}`);
      } catch (cause) {
        throw new Error(`in the clear, ${name}: ${String(cause)}`, { cause });
      } finally {
        await fuzz.close();
      }
    }
  }
  await sleep(2 * DAEMON_ENDS_MS);
  removeDirectory(directory);
}
