import { NetTcpError } from '../../errors.ts';
import { sleep } from '../../time.ts';
import { type Change, HistoryLost, type Registry, type Snapshot } from './registry.ts';

/** Who follows a fleet's keys. */
interface Follower {
  /** All keys: at first, and again where what happened meanwhile is not known. */
  onSnapshot(values: Snapshot['values']): void;
  onChanges(changes: readonly Change[]): void;
  /** It cannot be reached, or refuses; it is tried again. Once until it is there again. */
  onLost(problem: NetTcpError): void;
  /** It is there again. */
  onFound(): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** So that fronts do not come back to a registry together. */
const SPREAD = 0.5;

/**
 * Follows all keys of a registry until `signal` fires: through its end, its restart, and what it has forgotten.
 * A connection that breaks is taken up where it was, so that nothing is told twice or left out.
 */
export async function follow(
  registry: Registry,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  let revision: number | undefined;
  let isLost = false;
  let pauseMs = FIRST_PAUSE_MS;
  const found = (): void => {
    pauseMs = FIRST_PAUSE_MS;
    if (isLost) follower.onFound();
    isLost = false;
  };
  while (!signal.aborted) {
    try {
      if (revision === undefined) {
        const snapshot = await registry.read();
        ({ revision } = snapshot);
        found();
        follower.onSnapshot(snapshot.values);
      }
      const onChanges = (changes: readonly Change[], reached: number): void => {
        found();
        revision = reached;
        follower.onChanges(changes);
      };
      await registry.watch(revision + 1, onChanges, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof HistoryLost) {
        revision = undefined;
        continue;
      }
      if (!isLost) follower.onLost(NetTcpError.from(error));
      isLost = true;
      await sleep(pauseMs, SPREAD, signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      // Whether it is there again, a watch does not say before something happens.
      await registry.read('-').then(found, () => {});
    }
  }
}
