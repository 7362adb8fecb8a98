import { createReadStream } from 'node:fs';

/**
 * Reads a file that somebody named: a device or a pipe has no size, and may have no end.
 *
 * @param maxBytes bounds the memory that a wrong name costs
 * @throws {Error} the system's, and one with the code `EFBIG` for more bytes
 */
export async function readFileUpTo(file: string | URL, maxBytes: number): Promise<Buffer> {
  return await readUpTo(createReadStream(file), maxBytes);
}

/** Reads a stream to its end. @throws {Error} the stream's, and one with the code `EFBIG` for more than `maxBytes` */
export async function readUpTo(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw Object.assign(new Error(`it has more than ${maxBytes} bytes`), { code: 'EFBIG' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
