import type { HeaderType } from '../../../contract/header.ts';
import type { ValueType } from '../../../contract/types/types.ts';
import { NetTcpError } from '../../../errors.ts';
import { BinaryXmlReader } from '../../binary-xml/reader.ts';
import {
  EncodedHeaders,
  type FoundHeader,
  type HeadersOf,
  type ReadHeader,
  type TellHeader,
} from '../../received-headers.ts';
import { ValueReader } from '../values/read-value.ts';

/** A header of an envelope, with its place among all elements of the Header. */
export interface SoapHeader extends FoundHeader {
  readonly place: number;
}

/** The headers of an envelope. It keeps a copy of the envelope up to its Body, and reads that again for each. */
export class SoapHeaders extends EncodedHeaders {
  readonly #reader: BinaryXmlReader;
  readonly #envelope: Uint8Array;
  readonly #headers: readonly SoapHeader[];

  /**
   * @param reader   one of its own, with the session's strings
   * @param envelope from its first element to the end of the last header
   */
  constructor(
    reader: BinaryXmlReader,
    envelope: Uint8Array,
    headers: readonly SoapHeader[],
    of: HeadersOf,
    tell: TellHeader,
  ) {
    super(headers, of, tell);
    this.#reader = reader;
    this.#envelope = envelope;
    this.#headers = headers;
  }

  protected override itemOf({ each }: HeaderType): ValueType | undefined {
    return each;
  }

  protected read(type: ValueType, index: number): ReadHeader {
    const xml = this.#reader;
    const due = this.#headers[index]?.place;
    xml.resetDocument(this.#envelope, 0, this.#envelope.length);
    for (let elements = -2; ;) {
      if (xml.read() === 'done') throw new NetTcpError('Internal', 'a header is gone');
      if (xml.kind !== 'element') continue;
      if (elements === due) {
        const values = new ValueReader(xml);
        return { value: values.value(type), unknown: values.unknown };
      }
      // Envelope and Header are entered, the headers before this one are passed.
      if (elements >= 0) xml.skip();
      elements += 1;
    }
  }
}
