import { NetTcpError } from '../../errors.ts';
import { copyOctets } from '../../octets.ts';
import { concat, viewOf } from '../bytes.ts';

/**
 * The two layouts of [MS-NNS] 2.2: messages of the handshake, then frames of data.
 *
 *     handshake   id 01 00 size(16, big-endian) token        id 14 done, 15 error, 16 in progress
 *     data        size(32, little-endian) protected bytes
 */
export type HandshakeMessage =
  | { readonly id: 'in-progress' | 'done'; readonly token: Uint8Array }
  | { readonly id: 'error'; readonly hresult: number };

/**
 * Bytes of one frame of data. The specification says 0xFC30 (64,560), yet .NET wraps up to 0xFC00 plain
 * bytes, which Kerberos makes 0xFC3C; this leaves room for the longest wrapping of any mechanism. Stops a
 * peer from making us keep more of a frame.
 */
export const MAX_FRAME_BYTES = 0xfc00 + 512;
/** Plain bytes that are wrapped into one frame at most, as in .NET. */
export const MAX_PLAIN_BYTES = 0xfc00;
/** Bytes of a token at most: its size has 16 bits. */
export const MAX_TOKEN_BYTES = 0xffff;

const ID = { done: 0x14, error: 0x15, 'in-progress': 0x16 } as const;
const HANDSHAKE_HEADER = 5;
const FRAME_HEADER = 4;
const NOTHING = new Uint8Array(0);

/** @throws {NetTcpError} `QuotaExceeded` for a token longer than a handshake message can carry */
export function encodeHandshake(message: HandshakeMessage): Uint8Array {
  const payload = message.id === 'error' ? encodeStatus(message.hresult) : message.token;
  const size = payload.length;
  if (size > MAX_TOKEN_BYTES) {
    const most = `a negotiate handshake carries at most ${MAX_TOKEN_BYTES}`;
    throw new NetTcpError('QuotaExceeded', `The security token has ${size} bytes; ${most}.`);
  }
  return concat(Uint8Array.of(ID[message.id], 1, 0, size >> 8, size & 0xff), payload);
}

/** Status of an error message: the HRESULT, sign-extended to 64 bits, little-endian. */
function encodeStatus(hresult: number): Uint8Array {
  const status = new Uint8Array(8);
  viewOf(status).setBigInt64(0, BigInt(hresult | 0), true);
  return status;
}

/** The header of a frame of `length` protected bytes. */
export function frameHeader(length: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER);
  viewOf(header).setUint32(0, length, true);
  return header;
}

/**
 * Cuts what arrives into messages of the handshake, then into frames: the caller knows which of the two comes
 * next, and the bytes after the last message of the handshake are the first frame.
 *
 *     push(chunk); while ((frame = nextFrame()) !== undefined) …
 *
 * Bytes are kept as they arrive; a size that is only announced takes no memory.
 */
export class FrameDecoder {
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #end = 0;
  /** True when #bytes is ours to append to. */
  #owned = false;

  /** True if no message and no frame has begun: where a peer may end the stream. */
  get atBoundary(): boolean {
    return this.#at === this.#end;
  }

  push(chunk: Uint8Array): void {
    if (this.#at === this.#end) {
      this.#bytes = chunk;
      this.#at = 0;
      this.#end = chunk.length;
      this.#owned = false;
      return;
    }
    this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next message of the handshake, or `undefined` when bytes are missing. Its token is a copy.
   *
   * @throws {NetTcpError} `Protocol` for bytes that are no such message
   */
  nextMessage(): HandshakeMessage | undefined {
    const missing = HANDSHAKE_HEADER - (this.#end - this.#at);
    const [id, major, minor, high = 0, low = 0] = this.#bytes.subarray(this.#at, this.#end);
    // Each byte is checked as soon as it is there: a peer that speaks something else is not waited for.
    if (id !== undefined && id !== ID.done && id !== ID.error && id !== ID['in-progress']) {
      throw notSpoken(`0x${id.toString(16)} begins no message`);
    }
    if (major !== undefined && major !== 1) throw notSpoken(`its version is ${major}`);
    if (minor !== undefined && minor !== 0) throw notSpoken(`its version is 1.${minor}`);
    if (missing > 0) return this.keep();
    const payload = this.#take(HANDSHAKE_HEADER, (high << 8) | low);
    if (payload === undefined) return undefined;
    if (id !== ID.error)
      return {
        id: id === ID.done ? 'done' : 'in-progress',
        token: copyOctets(payload, 0, payload.length),
      };
    if (payload.length < 8) throw notSpoken('the status of an error is cut short');
    return { id: 'error', hresult: viewOf(payload).getInt32(0, true) };
  }

  /**
   * The protected bytes of the next frame, or `undefined` when bytes are missing. Valid until `push`, or until
   * the memory of the chunk is used again.
   *
   * @throws {NetTcpError} `QuotaExceeded` for more than MAX_FRAME_BYTES, known from the size alone
   */
  nextFrame(): Uint8Array | undefined {
    const at = this.#at;
    if (this.#end - at < FRAME_HEADER) return this.keep();
    const bytes = this.#bytes;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    const size = low + ((bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)) * 0x1_0000;
    if (size > MAX_FRAME_BYTES) {
      throw new NetTcpError(
        'QuotaExceeded',
        `A protected frame of ${size} bytes was announced; ${MAX_FRAME_BYTES} is the most.`,
      );
    }
    return this.#take(FRAME_HEADER, size);
  }

  #take(header: number, size: number): Uint8Array | undefined {
    const start = this.#at + header;
    if (this.#end - start < size) return this.keep();
    this.#at = start + size;
    return this.#bytes.subarray(start, start + size);
  }

  /** Copies what is left: the memory of its chunk may be used again. */
  keep(): undefined {
    if (this.#at === this.#end) this.#bytes = NOTHING;
    else if (!this.#owned) this.#makeRoom(0);
    if (this.#bytes === NOTHING) this.#at = this.#end = 0;
    return undefined;
  }

  #makeRoom(count: number): void {
    const length = this.#end - this.#at;
    const needed = length + count;
    if (this.#owned && this.#end + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#owned ? length * 2 : 0));
    grown.set(this.#bytes.subarray(this.#at, this.#end));
    this.#bytes = grown;
    this.#at = 0;
    this.#end = length;
    this.#owned = true;
  }
}

function notSpoken(why: string): NetTcpError {
  return new NetTcpError('Protocol', `The peer does not speak the negotiate protocol: ${why}.`);
}
