import { once } from 'node:events';
import { connect } from 'node:net';
import { sleep } from '../../../shared/time.ts';
import { now } from '../../faults/harness/clock.ts';
import { type Latency, summarise } from '../../faults/harness/latency.ts';

/** Milliseconds from one connection to the next. */
const EVERY_MS = 10;
const ENCODING = Uint8Array.of(0x03, 0x08, 0x0c);

/** Connects through a front again and again, one after the other, until `work` is done. */
export async function connectsDuring<T>(
  port: number,
  path: string,
  work: Promise<T>,
): Promise<{ readonly took: Latency; readonly failed: number; readonly result: T }> {
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  const times: number[] = [];
  let failed = 0;
  while (!isOver) {
    const begunAt = now();
    if (await connectOnce(port, path)) times.push(now() - begunAt);
    else failed += 1;
    await sleep(EVERY_MS);
  }
  return { took: summarise(times), failed, result: await over };
}

/** @returns whether the preamble was acknowledged */
async function connectOnce(port: number, path: string): Promise<boolean> {
  const via = Buffer.from(`net.tcp://h${path}`);
  const head = Uint8Array.of(0x00, 0x01, 0x00, 0x01, 0x02, 0x02, via.length);
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(Buffer.concat([head, via, ENCODING]));
    await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
