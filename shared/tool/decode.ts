import { toXml } from '../encoding/binary-xml/to-xml.ts';
import { ReceivedStrings } from '../encoding/binary-xml/session-strings.ts';
import { showMessage } from '../encoding/msgpack/show-message.ts';
import { NetTcpError } from '../errors.ts';
import { RecordDecoder } from '../framing/decoder.ts';
import { faultOf } from '../framing/faults.ts';
import { type EncodingName, type FramingRecord, KnownEncoding, Mode } from '../framing/records.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { printable } from '../printable.ts';

/** What a person debugs with may be larger than what a service takes. */
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

/**
 * One direction of a captured net.tcp stream, record by record, its envelopes as XML or as the values of a
 * MessagePack-RPC message. Sessions may follow each other.
 *
 * @param octets   what one side sent, from the beginning
 * @param encoding what the envelopes are in, for the side of the service, which does not say; guessed when undefined
 * @returns lines; the last says what is wrong with the octets behind the last record, where something is
 */
export function decodeStream(octets: Uint8Array, encoding?: EncodingName): string[] {
  const decoder = new RecordDecoder(LIMITS);
  const lines: string[] = [];
  let spoken = encoding;
  let strings = new ReceivedStrings(LIMITS);
  decoder.push(octets);
  for (;;) {
    let record: FramingRecord | undefined;
    try {
      record = decoder.next();
    } catch (error) {
      lines.push(`✗ ${NetTcpError.from(error).message}`);
      return lines;
    }
    if (record === undefined) break;
    if (record.type === 'encoding') spoken = record.encoding;
    if (record.type === 'version' || record.type === 'preamble-ack') {
      strings = new ReceivedStrings(LIMITS); // a session of its own: tables begin anew
    }
    lines.push(describe(record));
    if ('bytes' in record && record.end > record.start) {
      const payload = record.bytes.slice(record.start, record.end);
      lines.push(...showPayload(payload, spoken, strings).map((line) => `    ${line}`));
    }
  }
  const rest = decoder.pending().length;
  if (rest > 0) lines.push(`✗ ${rest} octets of a record that is cut`);
  return lines;
}

function describe(record: FramingRecord): string {
  switch (record.type) {
    case 'version':
      return `Version ${record.major}.${record.minor}`;
    case 'mode':
      return `Mode ${record.mode} ${MODES[record.mode] ?? '(unknown)'}`;
    case 'via':
      return `Via ${printable(record.via, 2_048)}`;
    case 'encoding':
      return typeof record.encoding === 'string'
        ? `ExtensibleEncoding ${printable(record.encoding)}`
        : `KnownEncoding ${record.encoding} ${ENCODINGS[record.encoding] ?? '(not spoken here)'}`;
    case 'sized-envelope':
      return `SizedEnvelope ${record.end - record.start} octets`;
    case 'unsized-envelope':
      return `UnsizedEnvelope ${record.end - record.start} octets`;
    case 'end':
      return 'End';
    case 'fault':
      return `Fault ${faultOf(record.fault) ?? printable(record.fault)}`;
    case 'upgrade-request':
      return `UpgradeRequest ${printable(record.upgrade)}`;
    case 'upgrade-response':
      return 'UpgradeResponse';
    case 'preamble-ack':
      return 'PreambleAck';
    case 'preamble-end':
      return 'PreambleEnd';
  }
}

function showPayload(
  payload: Uint8Array,
  encoding: EncodingName | undefined,
  strings: ReceivedStrings,
): string[] {
  try {
    switch (encoding ?? guess(payload)) {
      case KnownEncoding.BinarySession:
        return toXml(payload, { strings, limits: LIMITS }).split('\n');
      case KnownEncoding.Binary:
        return toXml(payload, { limits: LIMITS }).split('\n');
      case 'application/x-msgpack-rpc':
        return [showMessage(payload)];
      default:
        return ['(in an encoding that is not spoken here)'];
    }
  } catch (error) {
    return [`✗ ${NetTcpError.from(error).message}`];
  }
}

/** A MessagePack-RPC message is an array of three or four; a streamed envelope begins with an element. */
function guess([first = 0]: Uint8Array): EncodingName {
  if (first === 0x93 || first === 0x94) return 'application/x-msgpack-rpc';
  return first === 0x56 ? KnownEncoding.Binary : KnownEncoding.BinarySession;
}
