import assert from 'node:assert/strict';
import { NetTcpError } from '../../shared/errors.ts';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { hex, octets } from '../helpers/octets.ts';

/** A stream with a record of every type. */
export const STREAM = octets(
  '00 01 00 01 02 02 03 61 2f 62 03 08 04 03 61 2f 62 09 03 61 2f 62 0a 0c 0b 06 03 aa bb cc 05 02 aa bb 01 cc 00 08 01 78 07',
);

/** What comes out, down to the error; anything but a typed error is thrown on. */
export function outcome(chunks: readonly Uint8Array[]): string {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  let shown = '';
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
        if ('bytes' in record) {
          shown += `${record.type}:${hex(record.bytes.subarray(record.start, record.end))};`;
        } else shown += `${JSON.stringify(record)};`;
      }
    }
    return `${shown}${decoder.atBoundary}`;
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    return `${shown}${error.code} ${error.message}`;
  }
}

/** Reads any bytes as records, whole and byte by byte: that gives the same. */
export function decodeInCuts(bytes: Uint8Array): void {
  assert.equal(outcome([...bytes].map((octet) => Uint8Array.of(octet))), outcome([bytes]));
}
