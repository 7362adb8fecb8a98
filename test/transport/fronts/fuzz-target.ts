import assert from 'node:assert/strict';
import { NetTcpError } from '../../../shared/errors.ts';
import { ProxyHeaderReader } from '../../../shared/transport/fronts/proxy-header.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { header, IPV4_BLOCK, IPV6_BLOCK } from './headers.ts';

export const HEADERS: readonly Uint8Array[] = [
  header('21', '11', IPV4_BLOCK),
  header('21', '21', `${IPV6_BLOCK} 020003616263`),
  header('20', '00', ''),
];

/** What comes out: the header and what follows it, or the error; anything but a typed error is thrown on. */
export function outcome(chunks: readonly Uint8Array[], maxBytes = 200): string {
  const reader = new ProxyHeaderReader(maxBytes);
  let rest: string | undefined;
  let shown = 'incomplete';
  try {
    for (const chunk of chunks) {
      if (rest !== undefined) {
        rest += hex(chunk);
        continue;
      }
      const found = reader.take(chunk);
      if (found === undefined) continue;
      assert.equal(reader.bytes.length, found.size);
      rest = hex(chunk.subarray(found.taken));
      shown = `${found.size} from ${found.source}`;
    }
    return rest === undefined ? shown : `${shown}, then ${rest}`;
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

/** Reads any bytes as a header followed by bytes of a client, whole and byte by byte: that gives the same. */
export function readHeaderInCuts(bytes: Uint8Array): void {
  const all = new Uint8Array([...bytes, ...octets('000100')]);
  assert.equal(outcome([...all].map((byte) => Uint8Array.of(byte))), outcome([all]));
}
