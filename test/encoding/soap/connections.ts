import { readFileSync } from 'node:fs';
import { RecordDecoder } from '../../../shared/framing/decoder.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { hex, octets } from '../../helpers/octets.ts';

interface Captures {
  readonly connections: readonly { scenario: string; client: string; service: string }[];
}

/**
 * Whole connections as they went over the wire.
 *
 * @param file a file of `test/interop/captures`
 * @returns what gives the envelopes of one direction, in hexadecimal
 */
export function envelopesOf(
  file: string,
): (scenario: string, from: 'client' | 'service') => string[] {
  const path = `test/interop/captures/${file}.json`;
  const { connections } = JSON.parse(readFileSync(path, 'utf8')) as Captures;
  return (scenario, from) => {
    const capture = connections.find((one) => one.scenario === scenario);
    if (capture === undefined) throw new Error(`${path} has no ${scenario}`);
    const decoder = new RecordDecoder(DEFAULT_LIMITS);
    decoder.push(octets(capture[from]));
    const found: string[] = [];
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      if (record.type !== 'sized-envelope') continue;
      found.push(hex(record.bytes.subarray(record.start, record.end)));
    }
    return found;
  };
}

/** Message ids of .NET are random. Ours are 12 bytes that all of a session share, and 4 for the number of the call. */
export function idOf(
  envelope: string,
  mark: '441aad' | '4412ad',
): readonly [session: Uint8Array, id: number] {
  const [, id = ''] = new RegExp(`${mark}([0-9a-f]{32})`).exec(envelope) ?? [];
  return [octets(id.slice(0, 24)), Number.parseInt(id.slice(24), 16)];
}
