import { NetTcpError } from '../errors.ts';
import type { RecordDecoder } from '../framing/decoder.ts';
import type { FramingRecord } from '../framing/records.ts';

/** What is read, as both machines of a session take it. */
export type ReadEvent =
  | { readonly on: 'record'; readonly record: FramingRecord }
  | { readonly on: 'invalid'; readonly error: NetTcpError };

/** Steps a machine with the records in `decoder`, as long as it `goesOn`; bytes that are no record end that. */
export function stepRecords(
  decoder: RecordDecoder,
  goesOn: () => boolean,
  step: (event: ReadEvent) => void,
): void {
  try {
    while (goesOn()) {
      const record = decoder.next();
      if (record === undefined) return;
      step({ on: 'record', record });
    }
  } catch (error) {
    step({ on: 'invalid', error: NetTcpError.from(error) });
  }
}
