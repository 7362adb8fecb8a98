import type { CallerControl } from '../../handshake/link.ts';
import { NOBODY, type Shares } from './shares.ts';

/** The connections to the control socket, by process, without those that relay. */
export class Callers {
  readonly #shares: Shares;
  readonly #maxBytes: number;
  readonly #pids = new Map<CallerControl, number>();
  readonly #byPid = new Map<number, Set<CallerControl>>();

  /** @param maxBytes the most that may wait in all channels of one process, to be read or to be sent */
  constructor(shares: Shares, maxBytes: number) {
    this.#shares = shares;
    this.#maxBytes = maxBytes;
  }

  /** @returns false, with nothing added, when that process has its share already */
  add(control: CallerControl, pid: number): boolean {
    if (!this.#enter(control, pid)) return false;
    control.socket.once('close', () => this.delete(control));
    return true;
  }

  /**
   * The process of a caller that has said hello: the one that the system names, or else that of the hello.
   *
   * @returns undefined when that process has its share already
   */
  identify(control: CallerControl, saidPid: number): number | undefined {
    const pid = this.#pids.get(control) ?? NOBODY;
    if (pid !== NOBODY) return pid;
    this.delete(control);
    return this.#enter(control, saidPid) ? saidPid : undefined;
  }

  delete(control: CallerControl): void {
    const pid = this.#pids.get(control);
    if (pid === undefined) return;
    this.#shares.giveBack(pid);
    this.#pids.delete(control);
    const own = this.#byPid.get(pid);
    own?.delete(control);
    if (own?.size === 0) this.#byPid.delete(pid);
  }

  /** Whether the process of `control` may go on: not too many of its bytes wait here. */
  mayHold(control: CallerControl): boolean {
    const pid = this.#pids.get(control) ?? NOBODY;
    const own = pid === NOBODY ? [control] : (this.#byPid.get(pid) ?? []);
    let bytes = 0;
    for (const { heldBytes } of own) bytes += heldBytes;
    return bytes <= this.#maxBytes;
  }

  close(): void {
    for (const control of this.#pids.keys()) control.close();
  }

  #enter(control: CallerControl, pid: number): boolean {
    if (!this.#shares.hasRoom(pid)) return false;
    this.#shares.take(pid);
    this.#pids.set(control, pid);
    let own = this.#byPid.get(pid);
    if (own === undefined) this.#byPid.set(pid, (own = new Set()));
    own.add(control);
    return true;
  }
}
