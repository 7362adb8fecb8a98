import { toXml } from '../../encoding/binary-xml/to-xml.ts';
import { ReceivedStrings } from '../../encoding/binary-xml/session-strings.ts';
import { showMessage } from '../../encoding/msgpack/show-message.ts';
import { NetTcpError } from '../../errors.ts';
import { RecordDecoder } from '../../framing/decoder.ts';
import { faultOf } from '../../framing/faults.ts';
import {
  type EncodingName,
  type FramingRecord,
  KnownEncoding,
  Mode,
} from '../../framing/records.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { copyOctets } from '../../octets.ts';
import { printable, rawText } from '../../printable.ts';

/** Messages in a capture may be larger than a service takes. */
const LIMITS = { ...DEFAULT_LIMITS, maxReceivedMessageSize: 0x7fff_ffff };

const MODES: Readonly<Record<number, string>> = {
  [Mode.SingletonUnsized]: 'singleton-unsized (streamed)',
  [Mode.Duplex]: 'duplex (buffered)',
  [Mode.Simplex]: 'simplex',
  [Mode.SingletonSized]: 'singleton-sized',
};
const ENCODINGS: Readonly<Record<number, string>> = {
  [KnownEncoding.Binary]: 'application/soap+msbin1',
  [KnownEncoding.BinarySession]: 'application/soap+msbinsession1',
};

/** A record as it is shown: as it is in JSON, or for people by {@link formatRecord}. */
export interface ShownRecord {
  /** Its name in [MC-NMF]; absent for bytes that are not a record. */
  readonly record?: string;
  /** What it holds, unless that is an envelope. */
  readonly value?: string;
  /** Bytes of its envelope. */
  readonly octets?: number;
  /** Its SOAP envelope. */
  readonly xml?: string;
  /** Its MessagePack-RPC message, as values. */
  readonly message?: string;
  /** What is wrong with it. */
  readonly error?: string;
}

/**
 * Decodes one direction of a net.tcp stream, record by record, its envelopes as XML or as the values of a
 * MessagePack-RPC message. Sessions may follow each other.
 */
export class StreamDecoder {
  /** Encoding of the envelopes. The service's side does not name it: it is guessed while this is `undefined`. */
  encoding: EncodingName | undefined;
  readonly #decoder = new RecordDecoder(LIMITS);
  #strings = new ReceivedStrings(LIMITS);
  #isOver = false;

  constructor(encoding?: EncodingName) {
    this.encoding = encoding;
  }

  /** @returns the records that are complete now; the last says what is wrong, if anything is */
  push(octets: Uint8Array): ShownRecord[] {
    const shown: ShownRecord[] = [];
    if (this.#isOver) return shown;
    this.#decoder.push(octets);
    for (;;) {
      let record: FramingRecord | undefined;
      try {
        record = this.#decoder.next();
      } catch (error) {
        this.#isOver = true;
        shown.push({ error: NetTcpError.from(error).message });
        return shown;
      }
      if (record === undefined) return shown;
      shown.push(this.#show(record));
    }
  }

  /** @returns what is wrong with the end of the stream, if anything is */
  end(): ShownRecord[] {
    const rest = this.#isOver ? 0 : this.#decoder.pending().length;
    return rest === 0 ? [] : [{ error: `${rest} bytes of an incomplete record` }];
  }

  /** Shows no more of it: the stream goes on in another protocol. */
  stop(): void {
    this.#isOver = true;
  }

  #show(record: FramingRecord): ShownRecord {
    if (record.type === 'encoding') {
      const { encoding } = record;
      this.encoding = typeof encoding === 'number' ? encoding : rawText(encoding);
    }
    if (record.type === 'version' || record.type === 'preamble-ack') {
      this.#strings = new ReceivedStrings(LIMITS); // a session of its own: tables begin anew
    }
    const described = describe(record);
    if (!('bytes' in record) || record.end === record.start) return described;
    const payload = copyOctets(record.bytes, record.start, record.end);
    return { ...described, ...showPayload(payload, this.encoding, this.#strings) };
  }
}

/**
 * Decodes all that one side sent, from the beginning: see {@link StreamDecoder}.
 *
 * @param encoding of the envelopes, for the service's side; guessed if `undefined`
 */
export function decodeStream(octets: Uint8Array, encoding?: EncodingName): ShownRecord[] {
  const decoder = new StreamDecoder(encoding);
  return [...decoder.push(octets), ...decoder.end()];
}

/** The lines of a record, with its envelope indented; `✗` marks what is wrong. */
export function formatRecord({
  record,
  value,
  octets,
  xml,
  message,
  error,
}: ShownRecord): string[] {
  const size = octets === undefined ? undefined : `${octets} bytes`;
  const head = [record, value, size].filter((part) => part !== undefined).join(' ');
  if (record === undefined) return [`✗ ${error ?? ''}`];
  const wrong = error === undefined ? undefined : `✗ ${error}`;
  const below = [...(xml?.split('\n') ?? []), message, wrong].filter((line) => line !== undefined);
  return [head, ...below.map((line) => `    ${line}`)];
}

function describe(record: FramingRecord): ShownRecord {
  switch (record.type) {
    case 'version':
      return { record: 'Version', value: `${record.major}.${record.minor}` };
    case 'mode':
      return { record: 'Mode', value: `${record.mode} ${MODES[record.mode] ?? '(unknown)'}` };
    case 'via':
      return { record: 'Via', value: printable(record.via, 2_048) };
    case 'encoding': {
      const { encoding } = record;
      return typeof encoding === 'number'
        ? {
            record: 'KnownEncoding',
            value: `${encoding} ${ENCODINGS[encoding] ?? '(not spoken here)'}`,
          }
        : { record: 'ExtensibleEncoding', value: printable(encoding) };
    }
    case 'sized-envelope':
      return { record: 'SizedEnvelope', octets: record.end - record.start };
    case 'unsized-envelope':
    case 'envelope-part':
      return { record: 'UnsizedEnvelope', octets: record.end - record.start };
    case 'end':
      return { record: 'End' };
    case 'fault':
      return { record: 'Fault', value: faultOf(record.fault) ?? printable(record.fault) };
    case 'upgrade-request':
      return { record: 'UpgradeRequest', value: printable(record.upgrade) };
    case 'upgrade-response':
      return { record: 'UpgradeResponse' };
    case 'preamble-ack':
      return { record: 'PreambleAck' };
    case 'preamble-end':
      return { record: 'PreambleEnd' };
  }
}

function showPayload(
  payload: Uint8Array,
  encoding: EncodingName | undefined,
  strings: ReceivedStrings,
): Pick<ShownRecord, 'xml' | 'message' | 'error'> {
  try {
    switch (encoding ?? guess(payload)) {
      case KnownEncoding.BinarySession:
        return { xml: toXml(payload, { strings, limits: LIMITS }).trimEnd() };
      case KnownEncoding.Binary:
        return { xml: toXml(payload, { limits: LIMITS }).trimEnd() };
      case 'application/x-msgpack-rpc':
        return { message: showMessage(payload) };
      default:
        return { message: '(in an encoding that is not supported here)' };
    }
  } catch (error) {
    return { error: NetTcpError.from(error).message };
  }
}

/** A MessagePack-RPC message is an array of three or four; a streamed envelope begins with an element. */
function guess([first = 0]: Uint8Array): EncodingName {
  if (first === 0x93 || first === 0x94) return 'application/x-msgpack-rpc';
  return first === 0x56 ? KnownEncoding.Binary : KnownEncoding.BinarySession;
}
