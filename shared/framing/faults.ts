import type { ErrorCode } from '../errors.ts';
import { rawText, type Untrusted } from '../printable.ts';

/** With this every fault URI of [MC-NMF] 2.2.3.5 begins. */
export const FAULT_NAMESPACE = 'http://schemas.microsoft.com/ws/2006/05/framing/faults/';

interface FaultMeaning {
  readonly code: ErrorCode;
  /** What a WCF client says when it receives the fault. `via` is the address that it called. */
  readonly text: (via: string) => string;
}

/** The faults that peers send, and what they mean to a caller. */
export const FRAMING_FAULTS = {
  UnsupportedVersion: {
    code: 'Protocol',
    text: (via) =>
      `The .Net Framing version being used is not supported by '${via}'. See the server logs for more details.`,
  },
  UnsupportedMode: {
    code: 'Protocol',
    text: (via) =>
      `The .Net Framing mode being used is not supported by '${via}'. See the server logs for more details.`,
  },
  EndpointNotFound: {
    code: 'EndpointNotFound',
    text: (via) => `There was no endpoint listening at ${via} that could accept the message.`,
  },
  ContentTypeInvalid: {
    code: 'Protocol',
    text: (via) =>
      `The content type of the messages is not supported by service ${via}. The client and service bindings may be mismatched.`,
  },
  UpgradeInvalid: {
    code: 'Protocol',
    text: (via) =>
      `The requested upgrade is not supported by '${via}'. This could be due to mismatched bindings (for example security enabled on the client and not on the server).`,
  },
  MaxMessageSizeExceededFault: {
    code: 'QuotaExceeded',
    text: (via) =>
      `The maximum message size quota for incoming messages has been exceeded for the remote channel at ${via}.`,
  },
  ServiceActivationFailed: {
    code: 'Communication',
    text: (via) =>
      `The requested service, '${via}' could not be activated. See the server's diagnostic trace logs for more information.`,
  },
  ConnectionDispatchFailed: {
    code: 'Communication',
    text: (via) =>
      `The message could not be dispatched to the service at address '${via}'. Try again, or look at its host's log.`,
  },
  EndpointUnavailable: {
    code: 'EndpointNotFound',
    text: (via) =>
      `The message could not be dispatched because the service at the endpoint address '${via}' is unavailable for the protocol of the address.`,
  },
  ServerTooBusy: {
    code: 'ServerTooBusy',
    text: (via) => `Server '${via}' is too busy to process this request. Try again later.`,
  },
  ContentTypeTooLong: {
    code: 'QuotaExceeded',
    text: (via) => `The content type is too long to be processed by the remote host at ${via}.`,
  },
  ViaTooLong: {
    code: 'QuotaExceeded',
    text: (via) => `Via '${via}' is too long to be processed by the remote host.`,
  },
  InvalidRecordSequence: {
    code: 'Protocol',
    text: (via) => `The server at ${via} did not understand what was sent to it.`,
  },
} as const satisfies Readonly<Record<string, FaultMeaning>>;

export type FramingFault = keyof typeof FRAMING_FAULTS;

/** The URI that travels in a fault record. */
export function faultUri(fault: FramingFault): string {
  return FAULT_NAMESPACE + fault;
}

/** The fault that a URI names, or `undefined` for a URI that is not defined. */
export function faultOf(uri: Untrusted): FramingFault | undefined {
  const text = rawText(uri);
  const name = text.startsWith(FAULT_NAMESPACE) ? text.slice(FAULT_NAMESPACE.length) : '';
  return Object.hasOwn(FRAMING_FAULTS, name) ? (name as FramingFault) : undefined;
}
