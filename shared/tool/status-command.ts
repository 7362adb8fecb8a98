import { readStartType } from '../port-sharing/machine/start-type.ts';
import { askStatus, type Context } from './context.ts';
import { formatStatus } from './status.ts';

const WATCH_MS = 1_000;

/** `net-tcp-port-sharing status`. @param watch again every second, until it is stopped. @returns exit status */
export async function showStatus(
  { paths, terminal, stop, json }: Context,
  watch: boolean,
): Promise<number> {
  const end = AbortSignal.any([stop, terminal.lost]);
  for (;;) {
    const status = await askStatus(paths);
    const startType = readStartType(paths);
    if (watch && !json && terminal.isScreen) terminal.write('\x1b[H\x1b[2J');
    if (json) terminal.out(JSON.stringify({ running: status !== undefined, startType, ...status }));
    else for (const line of formatStatus(status, startType, paths)) terminal.out(line);
    if (!watch) return 0;
    await sleep(WATCH_MS, end);
    if (end.aborted) return 0;
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
