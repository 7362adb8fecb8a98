import type { ClientCodecOptions, MessageEncoding, ServiceCodecOptions } from '../encoding.ts';
import { callbacksOf } from '../../contract/contract.ts';
import { SoapClientCodec } from './client-codec.ts';
import type { Envelopes } from './envelopes.ts';
import { randomSession } from './message-id.ts';
import { asClient, asService } from './security/other-side.ts';
import { SoapServiceCodec } from './service-codec.ts';
import { StreamedClientCodec, StreamedServiceCodec } from './streamed-codecs.ts';
import { ANONYMOUS } from './vocabulary.ts';

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
  const ServiceCodec = hasSession ? SoapServiceCodec : StreamedServiceCodec;
  const ClientCodec = hasSession ? SoapClientCodec : StreamedClientCodec;
  return {
    name: 'soap',
    contentType: hasSession ? 8 : 7,
    mode: hasSession ? 2 : 1,
    service(options: ServiceCodecOptions) {
      const { callback } = options.contract;
      const makeCaller =
        callback &&
        ((envelopes: Envelopes) => callerOf({ ...options, contract: callback }, envelopes));
      return new ServiceCodec({ ...options, hasSession, makeCaller });
    },
    client: (options: ClientCodecOptions) =>
      new ClientCodec({
        ...options,
        hasSession,
        session: newSession(),
        makeCallee: (envelopes) => calleeOf(options, envelopes),
      }),
  };

  /** Makes callbacks at a service, whose client has no address. */
  function callerOf(options: ServiceCodecOptions, envelopes: Envelopes): SoapClientCodec {
    const { contract, limits, address, security } = options;
    return new SoapClientCodec({
      contract,
      limits,
      address: ANONYMOUS,
      replyTo: address,
      hasSession,
      session: newSession(),
      security: security && asClient(security),
      envelopes,
      makeCallee: () => new SoapServiceCodec({ ...options, hasSession, envelopes }),
    });
  }
}

/** Answers callbacks at a client. */
function calleeOf(options: ClientCodecOptions, envelopes: Envelopes): SoapServiceCodec {
  const { contract, limits, address, security } = options;
  return new SoapServiceCodec({
    contract: callbacksOf(contract),
    limits,
    address,
    acceptsAnyTo: true,
    hasSession: true,
    security: security && asService(security),
    envelopes,
    answersTo: address,
  });
}

/** `application/soap+msbinsession1` in duplex mode, which NetTcpBinding uses by default. */
export const soapBuffered: MessageEncoding = createSoap('buffered');

/** `application/soap+msbin1` in streamed mode: NetTcpBinding with a streamed TransferMode. */
export const soapStreamed: MessageEncoding = createSoap('streamed');
