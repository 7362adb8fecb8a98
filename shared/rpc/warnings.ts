/** Warnings of one kind that a process gives at most: a peer that causes ever new ones must not fill a log. */
const MOST = 10;

/**
 * Warnings of Node's of one kind, `NetTcpWarning`: a line on standard error, and the event `warning`. Each is given
 * once, and 10 in all.
 */
export class Warnings {
  readonly #given = new Set<string>();

  /** Whether no more are given. */
  get areOver(): boolean {
    return this.#given.size >= MOST;
  }

  /** @param text fit to be shown @param key what it is given once for; default: the text */
  give(text: string, key = text): void {
    if (this.areOver || this.#given.has(key)) return;
    this.#given.add(key);
    process.emitWarning(text, 'NetTcpWarning');
  }
}
