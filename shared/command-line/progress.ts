/** Shows how far a long command is, in one line that is rewritten; only on a terminal. */
export interface Progress {
  /** Shows `text` in place of what was shown before. */
  show(text: string): void;
  /** Removes the line, before other output and at the end. */
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
    // A line that wraps could not be removed.
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
