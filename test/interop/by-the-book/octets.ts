import type { Socket } from 'node:net';

/** The peer ended or the connection broke while bytes were awaited. */
export class EndOfOctets extends Error {}

/** Reads a socket one byte after the other, as specifications are written. */
export class OctetReader {
  readonly #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(socket: Socket) {
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#wake?.();
    });
    socket.on('end', end).on('close', end).on('error', end);
  }

  /** @throws {EndOfOctets} when fewer come */
  async take(count: number): Promise<Buffer> {
    for (;;) {
      const all = Buffer.concat(this.#chunks.splice(0));
      if (all.length > count) this.#chunks.push(all.subarray(count));
      if (all.length >= count) return all.subarray(0, count);
      if (all.length > 0) this.#chunks.push(all);
      if (this.#ended)
        throw new EndOfOctets(`wanted ${count} bytes, got ${all.length} and the end`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async octet(): Promise<number> {
    return (await this.take(1)).readUInt8(0);
  }

  /** A size as [MC-NMF] writes it: seven bits a byte, the low ones first. */
  async size(): Promise<number> {
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = await this.octet();
      size += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) return size;
    }
  }

  /** Bytes after their size. */
  async sized(): Promise<Buffer> {
    return this.take(await this.size());
  }
}

/** A size as [MC-NMF] and [MC-NBFX] write it. */
export function size(value: number): Buffer {
  const octets: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  octets.push(rest);
  return Buffer.from(octets);
}

/** Text after its size in bytes. */
export function sizedText(text: string): Buffer {
  const octets = Buffer.from(text);
  return Buffer.concat([size(octets.length), octets]);
}
