import { Readable } from 'node:stream';
import { NetTcpError } from '../../errors.ts';
import { shown } from '../../printable.ts';

// Over a buffered binding, a stream is one message: it is collected before it is sent, and read when all of it is
// there. WCF does the same.

/** @throws {NetTcpError} `Usage` for what is no stream */
export function checkStream(value: unknown): Readable {
  if (value instanceof Readable) return value;
  throw new NetTcpError('Usage', `a stream must be a Readable of node:stream, not ${shown(value)}`);
}

/**
 * All that a stream gives.
 *
 * @param limit bytes that it may give
 * @throws {NetTcpError} `Usage` for a stream that does not give bytes, `QuotaExceeded` for too many, and what the
 *   stream fails with
 */
export async function collect(stream: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) {
      throw new NetTcpError('Usage', `a stream has to give bytes, not ${shown(chunk)}`);
    }
    length += chunk.length;
    if (length > limit) {
      const text = `a stream of more than ${limit} bytes (maxReceivedMessageSize) is too long for one message: use the transferMode "streamed"`;
      throw new NetTcpError('QuotaExceeded', text);
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A stream that gives these bytes. */
export function streamOf(bytes: Uint8Array): Readable {
  return Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false });
}
