import { OctetWriter } from '../octets.ts';

// Writers that no connection is using: an idle connection holds none. Bounded in number and size.
const spare: OctetWriter[] = [];
const MAX_SPARE = 16;
const MAX_CAPACITY = 262_144;
const FIRST_CAPACITY = 4_096;

/** An empty writer, to be given back by {@link giveWriterBack} once what was written to it is sent. */
export function takeWriter(): OctetWriter {
  return spare.pop() ?? new OctetWriter(FIRST_CAPACITY);
}

/**
 * For records that are due while a message is being written, as a value's own code, such as a getter, has ended the
 * session: they wait for the end of that message. No message can be among them.
 */
export function laterIn(out: OctetWriter): OctetWriter {
  if (out.later === undefined) {
    out.later = new OctetWriter(16);
    out.later.messageAt = -1;
  }
  return out.later;
}

/** Takes back a writer whose memory nobody else uses. */
export function giveWriterBack(out: OctetWriter): void {
  out.clear();
  if (spare.length < MAX_SPARE && out.bytes.length <= MAX_CAPACITY) spare.push(out);
}
