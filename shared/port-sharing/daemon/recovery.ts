// Stands for all ports: nothing listens on this one.
const ALL_PORTS = 0;

/** After a daemon's death, services come back within moments: until when connections wait for them, by port. */
export class Recovery {
  readonly #graceMs: number;
  readonly #until = new Map<number, number>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /**
   * From now on, services may come back for a while; then `onOver` is called.
   *
   * @param port default: all. A service that keeps bringing one port's sockets holds up no other port's clients
   */
  begin(onOver: () => void, port = ALL_PORTS): void {
    const until = performance.now() + this.#graceMs;
    this.#until.set(port, until);
    setTimeout(() => {
      if (this.#until.get(port) !== until) return;
      this.#until.delete(port);
      onOver();
    }, this.#graceMs + 1).unref();
  }

  /** Whether services of a port may still come back. */
  isUnderWay(port: number): boolean {
    const until = (key: number): number => this.#until.get(key) ?? 0;
    return performance.now() < Math.max(until(port), until(ALL_PORTS));
  }
}
