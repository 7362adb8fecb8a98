import type { Limits } from '../../limits.ts';
import { BinaryXmlReader } from '../binary-xml/reader.ts';
import { ReceivedStrings, SentStrings } from '../binary-xml/session-strings.ts';
import type { OnUnknown } from '../unknown.ts';
import { EnvelopeReader } from './envelope-reader.ts';
import { EnvelopeWriter } from './envelope-writer.ts';

/** What reads and writes all messages of a session: each direction has one string table. */
export interface Envelopes {
  readonly reader: EnvelopeReader;
  readonly writer: EnvelopeWriter;
}

/** @param options `hasSession`: with string tables; `security`: messages say who sends them */
export function openEnvelopes(options: {
  readonly limits: Limits;
  readonly hasSession: boolean;
  readonly security?: unknown;
  readonly onUnknown?: OnUnknown | undefined;
}): Envelopes {
  const { limits, hasSession, security, onUnknown } = options;
  const strings = hasSession ? new ReceivedStrings(limits) : undefined;
  return {
    reader: new EnvelopeReader(
      () => new BinaryXmlReader(limits, strings),
      security !== undefined,
      onUnknown,
    ),
    writer: new EnvelopeWriter(hasSession ? new SentStrings(limits) : undefined, limits),
  };
}
