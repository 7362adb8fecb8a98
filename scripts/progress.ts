/** Says how far a long command is: one line on a terminal, written over and over; nothing elsewhere. */
export interface Progress {
  /** Shows `text` in place of what was shown before. */
  show(text: string): void;
  /** Takes the line away, for output or for the end. */
  clear(): void;
}

const CLEAR_LINE = '\r\x1b[2K';
const NARROWEST = 20;

/** @param stream where progress is shown if it is a terminal */
export function progressOn(stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now();
  let isShown = false;
  const clear = (): void => {
    if (isShown) stream.write(CLEAR_LINE);
    isShown = false;
  };
  return {
    show(text) {
      if (!stream.isTTY) return;
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      const line = `${seconds} s: ${text}`;
      // A line that is wrapped could not be taken away.
      stream.write(CLEAR_LINE + line.slice(0, Math.max(NARROWEST, stream.columns - 1)));
      isShown = true;
    },
    clear,
  };
}
