import type { Operation } from '../../contract/contract.ts';
import { type StreamPlace, streamPlace } from '../../contract/message.ts';
import type { Admit, Reply, Request } from '../encoding.ts';
import { readMessage } from './bodies/read-message.ts';
import { withHeaders } from '../received-headers.ts';
import { unreadableReply } from '../unreadable.ts';
import { SoapClientCodec } from './client-codec.ts';
import { SoapServiceCodec } from './service-codec.ts';

// The codecs of streamed mode can read a message that is still arriving, up to where its stream begins.

export class StreamedServiceCodec extends SoapServiceCodec {
  readRequestHead(
    bytes: Uint8Array,
    end: number,
    place: StreamPlace,
    stream: unknown,
    admit?: Admit,
  ): Request | undefined {
    this.reader.readHeaders(bytes, 0, end);
    const operation = this.operationOf(this.reader.action);
    const isHere = operation?.streamsRequest === true && streamPlace(operation.request) === place;
    return isHere ? this.readCall(admit, stream) : undefined;
  }
}

export class StreamedClientCodec extends SoapClientCodec {
  readReplyHead(
    bytes: Uint8Array,
    end: number,
    operation: Operation,
    stream: unknown,
  ): Reply | undefined {
    const { reader } = this;
    reader.readHeaders(bytes, 0, end);
    const id = this.ids.callOf(reader.relatesTo);
    if (id === undefined || this.enterBody() !== 'other') return undefined;
    const refusal = this.refusal(id, operation, false);
    if (refusal !== undefined) return refusal;
    try {
      const { reply, results } = operation;
      if (reply === undefined || reply.wrapper !== undefined) this.enterReply(operation);
      const value =
        reply === undefined
          ? reader.enterStream(results[0], stream)
          : readMessage(reader, operation, reply, 'reply', true, stream);
      return withHeaders({ kind: 'result', id, value }, reader.received('reply', operation));
    } catch (caught) {
      return { kind: 'fault', id, fault: unreadableReply(operation, caught) };
    }
  }
}
