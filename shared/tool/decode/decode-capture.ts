import type { EncodingName } from '../../framing/records.ts';
import { framesOf } from './capture.ts';
import { formatRecord, type ShownRecord, StreamDecoder } from './decode.ts';
import { type Segment, segmentOf } from './segments.ts';
import { StreamHalf } from './tcp-stream.ts';

/** A net.tcp stream of a capture: the records of both directions, in the order in which they were complete. */
interface CapturedStream {
  /** `host:port` of the side that opened it. */
  readonly client: string;
  readonly service: string;
  readonly records: readonly CapturedRecord[];
}

type CapturedRecord = ShownRecord & { readonly side: 'client' | 'service' };

interface DecodedCapture {
  readonly streams: readonly CapturedStream[];
  /** How many TCP streams with data are not net.tcp, or have no captured beginning. */
  readonly others: number;
}

/**
 * Finds the net.tcp streams of a capture, on any port.
 *
 * @param octets   a file in pcap or pcapng
 * @param encoding what the envelopes are in, where a stream does not say
 * @throws {NetTcpError} `Usage` when the file is damaged
 */
export function decodeCapture(octets: Uint8Array, encoding?: EncodingName): DecodedCapture {
  const open = new Map<string, Conversation>();
  const all: Conversation[] = [];
  for (const frame of framesOf(octets)) {
    const segment = segmentOf(frame);
    if (segment === undefined) continue;
    const key = [segment.from, segment.to].sort().join(' ');
    let conversation = open.get(key);
    const isNew = segment.syn && !segment.ack && conversation?.hasData === true; // the port is used again
    if (conversation === undefined || isNew) {
      conversation = new Conversation(encoding);
      open.set(key, conversation);
      all.push(conversation);
    }
    conversation.push(segment);
  }
  const found = all.filter(({ hasData }) => hasData);
  const streams = found.flatMap((conversation) => conversation.end() ?? []);
  return { streams, others: found.length - streams.length };
}

// Version 1.0 and the type of the Mode record, with which every initiator begins. [MC-NMF] 2.2.3.1
const BEGINNING = [0x00, 0x01, 0x00, 0x01];

type Decoders = Readonly<Record<CapturedRecord['side'], StreamDecoder>>;

/** A TCP connection, whose first bytes show whether it is net.tcp. */
class Conversation {
  hasData = false;
  readonly #encoding: EncodingName | undefined;
  readonly #halves = new Map<string, StreamHalf>();
  readonly #records: CapturedRecord[] = [];
  /** The client's first bytes, until they are enough to tell. */
  readonly #begun: number[] = [];
  #isForeign = false;
  #client: string | undefined;
  #service = '';
  #decoders: Decoders | undefined;
  /** What the service sent, in the capture, before the client's beginning. */
  readonly #waiting: Uint8Array[] = [];

  constructor(encoding: EncodingName | undefined) {
    this.#encoding = encoding;
  }

  push(segment: Segment): void {
    if (segment.payload.length > 0) this.hasData = true;
    if (this.#isForeign) return;
    const { from, syn, ack } = segment;
    if (syn && !ack) this.#client ??= from;
    let half = this.#halves.get(from);
    if (half === undefined) this.#halves.set(from, (half = new StreamHalf()));
    for (const octets of half.push(segment)) this.#take(segment, octets);
  }

  /** @returns `undefined` if it is not net.tcp, or not from its beginning */
  end(): CapturedStream | undefined {
    const client = this.#client;
    if (client === undefined || this.#decoders === undefined) return undefined;
    for (const [address, half] of this.#halves) {
      const side = address === client ? 'client' : 'service';
      for (const record of this.#decoders[side].end()) this.#records.push({ side, ...record });
      if (half.missing > 0) {
        const error = `${half.missing} bytes are missing in the capture; what came after them is not shown`;
        this.#records.push({ side, error });
      }
    }
    return { client, service: this.#service, records: this.#records };
  }

  #take({ from, to }: Segment, octets: Uint8Array): void {
    if (this.#isForeign) return;
    this.#client ??= from;
    const side = from === this.#client ? 'client' : 'service';
    if (this.#decoders !== undefined) return this.#decode(this.#decoders, side, octets);
    if (side === 'service') {
      this.#waiting.push(octets);
      return;
    }
    this.#service = to;
    const before = this.#begun.length;
    this.#begun.push(...octets.subarray(0, BEGINNING.length - before));
    this.#isForeign = this.#begun.some((octet, at) => octet !== BEGINNING[at]);
    if (this.#isForeign || this.#begun.length < BEGINNING.length) return;
    this.#decoders = {
      client: new StreamDecoder(this.#encoding),
      service: new StreamDecoder(this.#encoding),
    };
    this.#decode(this.#decoders, 'client', Uint8Array.from(BEGINNING.slice(0, before)));
    this.#decode(this.#decoders, 'client', octets);
    for (const each of this.#waiting.splice(0)) this.#decode(this.#decoders, 'service', each);
  }

  #decode(decoders: Decoders, side: CapturedRecord['side'], octets: Uint8Array): void {
    for (const record of decoders[side].push(octets)) {
      if (record.record !== 'UpgradeResponse') {
        this.#records.push({ side, ...record });
        continue;
      }
      this.#records.push({ side, ...record, value: 'what follows is secured, and not shown' });
      decoders.client.stop();
      decoders.service.stop();
    }
    // The service's side of the stream does not name the encoding.
    if (side === 'client') decoders.service.encoding = decoders.client.encoding;
  }
}

/** The lines of a stream: its two sides, then its records, each with its direction before it. */
export function formatCapturedStream(stream: CapturedStream): string[] {
  const lines = [`${stream.client} → ${stream.service}`];
  for (const { side, ...record } of stream.records) {
    const [head = '', ...below] = formatRecord(record);
    lines.push(`${side === 'client' ? '→' : '←'} ${head}`, ...below.map((line) => `  ${line}`));
  }
  return lines;
}
