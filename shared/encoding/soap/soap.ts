import type { ClientCodecOptions, MessageEncoding, ServiceCodecOptions } from '../encoding.ts';
import { SoapClientCodec } from './client-codec.ts';
import { randomSession } from './message-id.ts';
import { SoapServiceCodec } from './service-codec.ts';

/**
 * SOAP 1.2 with WS-Addressing 1.0 in .NET binary XML: what WCF speaks.
 *
 * @param transferMode `buffered`: [MC-NMF] duplex mode, string tables for the session ([MC-NBFSE]);
 *   `streamed`: singleton mode, one request for each preamble, no tables ([MC-NBFS])
 * @param newSession makes 12 bytes for the message ids of a client session, different each time
 */
export function createSoap(
  transferMode: 'buffered' | 'streamed',
  newSession: () => Uint8Array = randomSession,
): MessageEncoding {
  const hasSession = transferMode === 'buffered';
  return {
    name: 'soap',
    contentType: hasSession ? 8 : 7,
    mode: hasSession ? 2 : 1,
    service: (options: ServiceCodecOptions) => new SoapServiceCodec({ ...options, hasSession }),
    client: (options: ClientCodecOptions) =>
      new SoapClientCodec({ ...options, hasSession, session: newSession() }),
  };
}

/** `application/soap+msbinsession1` in duplex mode, which NetTcpBinding uses by default. */
export const soapBuffered: MessageEncoding = createSoap('buffered');

/** `application/soap+msbin1` in streamed mode: NetTcpBinding with a streamed TransferMode. */
export const soapStreamed: MessageEncoding = createSoap('streamed');
