/** Says how far a long command is: one line on a terminal, written over and over; nothing elsewhere. */
export interface Progress {
  /** Shows `text` in place of what was shown before. */
  show(text: string): void;
  /** Takes the line away, for output or for the end. */
  clear(): void;
}

const CLEAR_LINE = '\r\x1b[2K';
const NARROWEST = 20;
const REDRAWN_AFTER_MS = 1_000;

/** @param stream where progress is shown if it is a terminal */
export function progressOn(stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now();
  let shown: string | undefined;
  const draw = (): void => {
    if (shown === undefined) return;
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    // A line that is wrapped could not be taken away.
    const width = Math.max(NARROWEST, stream.columns - 1);
    stream.write(CLEAR_LINE + `${seconds} s: ${shown}`.slice(0, width));
  };
  if (stream.isTTY) setInterval(draw, REDRAWN_AFTER_MS).unref();
  return {
    show(text) {
      if (!stream.isTTY) return;
      shown = text;
      draw();
    },
    clear() {
      if (shown !== undefined) stream.write(CLEAR_LINE);
      shown = undefined;
    },
  };
}
