import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

// Everything that relies on what Node does not promise: the handle behind a socket, and where a socket keeps
// its options. Without them all but hand-over, which needs descriptors, still works, more slowly.

/** The part of a handle that is used here. */
interface Handle {
  readonly fd?: number;
  /** Bytes that libuv has taken and the kernel has not. */
  readonly writeQueueSize?: number;
  /** What Node believes: it does not notice `readStop`. */
  reading?: boolean;
  useUserBuffer?(buffer: Uint8Array): void;
  readStop?(): number;
  readStart?(): number;
  setNoDelay?(on: boolean): number;
  /** Of a TCP handle: takes a descriptor. @returns 0, or an error's number */
  open?(fd: number): number;
}

/** Node's handle of a socket or server: not public, but the only way to its descriptor. */
function handleOf(owner: object): Handle | undefined {
  return (owner as { readonly _handle?: Handle | null })._handle ?? undefined;
}

/** The descriptor of an open socket or server, or `undefined` where there is none (Windows, closed). */
export function descriptorOf(owner: object): number | undefined {
  const fd = handleOf(owner)?.fd;
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/**
 * Has connections that a server accepts from now on send at once, without a system call for each: on Linux they
 * begin with the listening socket's TCP_NODELAY.
 *
 * @param server which listens @returns false where that is not so: each has to be told
 */
export function inheritNoDelay(server: Server): boolean {
  return process.platform === 'linux' && handleOf(server)?.setNoDelay?.(true) === 0;
}

/** The class of TCP handles: its constructor's argument 0 is a connection. */
type TcpClass = new (type: 0) => Handle;

let tcpClass: TcpClass | undefined;

/**
 * Makes a socket of a descriptor. Node asks the system four times what a descriptor is; only the first socket pays
 * for that.
 *
 * @param fd a TCP connection, for certain: a file would end this process
 */
export function tcpSocket(fd: number, options: SocketConstructorOpts): Socket {
  if (tcpClass !== undefined) {
    const handle = new tcpClass(0);
    if (handle.open?.(fd) === 0) {
      const withHandle: object = { ...options, handle };
      return new Socket(withHandle);
    }
  }
  const socket = new Socket({ ...options, fd });
  const made = handleOf(socket);
  if (made?.open !== undefined) tcpClass = made.constructor as TcpClass;
  return socket;
}

/**
 * Bytes of the write in progress that the kernel has not taken yet. `socket.writableLength` counts a whole
 * write until its last byte is taken: only this shows that a slow peer reads.
 */
export function writeQueueOf(socket: Socket): number {
  return handleOf(socket)?.writeQueueSize ?? 0;
}

/** Whether a socket was given that many bytes in all, at least, and the kernel has taken what it was given. */
export function hasSent(socket: Socket, bytesWritten: number): boolean {
  return socket.bytesWritten >= bytesWritten && writeQueueOf(socket) === 0;
}

/**
 * Makes the kernel handle stop reading at once, for good: `pause()` alone lets Node read on into its
 * buffer. Only {@link startReading} starts it again; the stream goes on believing that it reads.
 */
export function stopReading(socket: Duplex): void {
  socket.pause();
  const handle = handleOf(socket);
  if (handle === undefined) return;
  handle.readStop?.();
  // Otherwise the stream's next read would start the handle again.
  handle.reading = true;
}

/** Reads again after {@link stopReading}; on any other socket it is `resume()`. */
export function startReading(socket: Duplex): void {
  const handle = handleOf(socket);
  // If Node has not begun to read, `resume` begins, and would fail on a handle that reads already.
  if (handle?.reading === true) handle.readStart?.();
  socket.resume();
}

/** Makes a socket that was stopped ready for a `TLSSocket`, which reads only if it thinks that nobody does. */
export function readyForTls(socket: Socket): void {
  const handle = handleOf(socket);
  if (handle !== undefined) handle.reading = false;
}

/** What Node's types do not say of a `TLSSocket`. */
interface TlsLayer {
  _handle: object | null;
  _destroySSL?(): void;
}

const NOTHING = new Uint8Array(0);

/**
 * Takes TLS off a socket, with no farewell, once what was written is sent. Until then the socket does not read.
 *
 * @param stream TLS on `socket`; nobody owns either of them
 * @returns false where that is not possible: nothing has happened then
 */
export function takeTlsOff(stream: TLSSocket, socket: Socket): boolean {
  const layer = stream as unknown as TlsLayer;
  const handle = handleOf(socket);
  if (stream.destroyed || handle === undefined || layer._destroySSL === undefined) return false;
  // TLS has put itself in place of this property, and must not be asked for it any more.
  if (Object.getOwnPropertyDescriptor(handle, 'reading')?.configurable !== true) return false;
  stopReading(stream);
  // Those of TLS: the socket has no owner.
  for (const event of ['close', 'error', 'connect']) socket.removeAllListeners(event);
  // Not at once: this may have been called by TLS, which goes on when it returns.
  stream.write(NOTHING, (failed) => {
    if (socket.destroyed) return;
    layer._destroySSL?.();
    layer._handle = null;
    const value = { value: true, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(handle, 'reading', value);
    // Not in a write's callback: Node would make an error then, with its stack, for writes that there are not.
    // After one that failed at once: nobody listens for the error that the stream would tell of next.
    if (failed instanceof Error) stream.destroy();
    else process.nextTick(() => stream.destroy());
    startReading(socket);
  });
  return true;
}

/** The value of a socket's option `onread`. */
export interface OnRead {
  readonly buffer: Uint8Array;
  /** Node calls it as a method of the socket. */
  readonly callback: (count: number, buffer: Uint8Array) => boolean;
}

/**
 * Sets the option `onread` of a socket that a server has accepted: `createServer` has no such option. A socket
 * made with it shows where sockets keep it; if that is not found, nothing happens.
 */
export function setOnRead(socket: Socket, onread: OnRead): void {
  slots ??= findSlots(onread);
  const { buffer, callback } = slots;
  const handle = handleOf(socket);
  if (buffer === undefined || callback === undefined) return;
  if (handle?.useUserBuffer === undefined) return;
  const values = socket as unknown as Record<symbol, unknown>;
  if (values[buffer] === onread.buffer) return;
  values[buffer] = onread.buffer;
  values[callback] = onread.callback;
  handle.useUserBuffer(onread.buffer);
}

/** `new Socket` takes what `connect` takes, but its types do not say so. */
export function withOnRead(options: SocketConstructorOpts, onread: OnRead): SocketConstructorOpts {
  return { ...options, onread } as SocketConstructorOpts;
}

let nextBuffer: Uint8Array | undefined;

/** Node calls it after `callback`, with no word of the socket. */
function takeNextBuffer(): Uint8Array | undefined {
  const taken = nextBuffer;
  nextBuffer = undefined;
  return taken;
}

/**
 * Has a socket read into other memory from its next read on. Only its `callback` may do so, as its last act. Where
 * Node keeps no such option, nothing happens.
 *
 * @param onread what the socket was given
 */
export function readNextInto(socket: Duplex, onread: OnRead, buffer: Uint8Array): void {
  slots ??= findSlots(onread);
  if (slots.generator === undefined) return;
  (socket as unknown as Record<symbol, unknown>)[slots.generator] = takeNextBuffer;
  nextBuffer = buffer;
}

interface Slots {
  readonly buffer: symbol | undefined;
  readonly callback: symbol | undefined;
  /** Of a function that gives a buffer. */
  readonly generator: symbol | undefined;
}

let slots: Slots | undefined;

/** The symbols under which a socket keeps its option `onread`. */
function findSlots({ buffer, callback }: OnRead): Slots {
  const probe = new Socket(withOnRead({}, { buffer, callback }));
  const generating = { buffer: takeNextBuffer, callback };
  const another = new Socket({ onread: generating } as object);
  return {
    buffer: symbolOf(probe, buffer),
    callback: symbolOf(probe, callback),
    generator: symbolOf(another, takeNextBuffer),
  };
}

function symbolOf(socket: Socket, wanted: unknown): symbol | undefined {
  const values = socket as unknown as Readonly<Record<symbol, unknown>>;
  return Object.getOwnPropertySymbols(socket).find((symbol) => values[symbol] === wanted);
}
