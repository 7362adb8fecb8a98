import type { RecordDecoder } from '../framing/decoder.ts';

/** Takes the messages of a session. */
export interface MessageTaker {
  /** The rule of its side's machine: `takesReplies` or `takesRequests`. May change with each message. */
  readonly takesMessages: boolean;
  /** Takes a message, from `start` up to `end` in `bytes`; valid until this returns. */
  deliver(bytes: Uint8Array, start: number, end: number): void;
}

/** Whether an envelope carries a message: .NET sends empty ones, and ignores them. */
export function isMessage(start: number, end: number): boolean {
  return start < end;
}

/**
 * The fast path: hands out the messages that lie in the decoder, as long as the machine would do no more than
 * `deliver`. Nearly every record is one of these; a record and a step for each is a quarter of what a call
 * costs. Everything else goes through the machine.
 */
export function deliverMessages(decoder: RecordDecoder, to: MessageTaker): void {
  while (to.takesMessages) {
    const start = decoder.passEnvelope();
    if (start < 0) return;
    const end = decoder.at;
    if (isMessage(start, end)) to.deliver(decoder.bytes, start, end);
  }
}
