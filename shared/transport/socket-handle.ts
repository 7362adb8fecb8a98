import type { Socket } from 'node:net';

/**
 * Makes the kernel handle stop reading at once, for good: `pause()` alone lets Node read on into its
 * buffer. Only {@link startReading} starts it again; the stream goes on believing that it reads.
 */
export function stopReading(socket: Socket): void {
  socket.pause();
  const handle = handleOf(socket);
  if (handle === undefined) return;
  handle.readStop?.();
  // What the stream believes: else its next look for more would start the handle again.
  handle.reading = true;
}

/** Reads again behind {@link stopReading}; on any other socket it is `resume()`. */
export function startReading(socket: Socket): void {
  const handle = handleOf(socket);
  // Where Node has not begun to read it will, and takes a handle that reads already for an error.
  if (handle?.reading === true) handle.readStart?.();
  socket.resume();
}

/** As much of it as is used here. What a version of Node should lack is done without. */
interface Handle {
  readonly fd?: number;
  /** What Node believes: it does not hear of `readStop`. */
  reading?: boolean;
  useUserBuffer?(buffer: Uint8Array): void;
  readStop?(): number;
  readStart?(): number;
}

/** Node's handle of a socket or server: not public, but the only way to its descriptor. */
export function handleOf(owner: object): Handle | undefined {
  return (owner as { readonly _handle?: Handle | null })._handle ?? undefined;
}

/** The descriptor of an open socket or server, or `undefined` where there is none (Windows, closed). */
export function descriptorOf(owner: object): number | undefined {
  const fd = handleOf(owner)?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}
