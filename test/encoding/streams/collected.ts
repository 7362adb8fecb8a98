import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import { ArrivingMessage } from '../../../shared/encoding/streams/arriving-message.ts';
import { ContentWriter } from '../../../shared/encoding/streams/content-writer.ts';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { streamPlace } from '../../../shared/contract/message.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { hex } from '../../helpers/octets.ts';
import { operationOf, options } from '../soap/messages.ts';

export const IUpload = defineContract({
  name: 'IUpload',
  operations: {
    Up: operation([['data', t.stream]], t.stream),
    Plain: operation([['text', t.string]], t.string),
  },
});
const streamed = createSoap('streamed');
export const service = streamed.service(options(IUpload));
export const client = streamed.client(options(IUpload));
export const Up = operationOf(IUpload, 'Up');
const PLACE = streamPlace();

/** A request's bytes up to where its stream begins, and with an empty stream after it. */
export function head(): Uint8Array {
  const out = new OctetWriter();
  client.writeRequest(out, 1, Up, [new Uint8Array(0)]);
  out.length -= PLACE.depth;
  return out.toBytes();
}

/** A request with a stream in these pieces, as it is sent. */
export function request(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new OctetWriter();
  out.append(head());
  const content = new ContentWriter(PLACE.depth);
  for (const piece of pieces) {
    for (let rest = piece; rest.length > 0;) {
      const next = content.next(rest);
      out.append(next.head);
      out.append(next.body);
      ({ rest } = next);
    }
  }
  out.append(content.tail());
  return out.toBytes();
}

/** What a message that arrived in pieces was. */
export interface Arrived {
  /** Its stream, or all of it, in hexadecimal digits. */
  readonly bytes: string;
  /** It was handed on while it arrived. */
  readonly isStream: boolean;
}

/** Reads a request in the pieces in which it comes. @throws {NetTcpError} what the reader throws */
export function arrive(
  parts: Iterable<Uint8Array>,
  limits: { readonly maxBufferSize: number } = DEFAULT_LIMITS,
): Arrived {
  const chunks: Uint8Array[] = [];
  let kind: 'stream' | 'whole' | undefined;
  let isEnded = false;
  const message = new ArrivingMessage(
    limits,
    {
      onHead(head, end, place) {
        const request = service.readRequestHead?.(head, end, place, 'the stream');
        if (request === undefined) return undefined;
        if (request.kind !== 'call' || request.args[0] !== 'the stream') {
          throw new Error(`refused: ${JSON.stringify(request)}`);
        }
        kind = 'stream';
        return {
          onBytes: (content) => void chunks.push(content.slice()),
          onEnd: () => (isEnded = true),
        };
      },
      onWhole(whole, end) {
        kind = 'whole';
        chunks.push(whole.slice(0, end));
      },
    },
    [PLACE],
  );
  for (const part of parts) message.push(part, 0, part.length);
  message.end();
  if (kind === 'stream' && !isEnded) throw new Error('the stream has not ended');
  return { bytes: hex(Buffer.concat(chunks)), isStream: kind === 'stream' };
}
