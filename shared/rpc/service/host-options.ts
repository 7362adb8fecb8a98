import type { HeaderType } from '../../contract/header.ts';
import { NetTcpError } from '../../errors.ts';
import {
  type Check,
  checkOptions,
  FUNCTION,
  LIST,
  OBJECT,
  oneOf,
  optionsOf,
} from '../../options.ts';
import { type Authorize, checkAllowed } from '../../security/authorize.ts';
import { SERVICE_CREDENTIALS, type ServiceCredentials } from '../../security/credentials.ts';
import { namesCallers, type Security } from '../../security/settings.ts';
import type { OnCall } from '../call-events.ts';
import type { OnOperationError } from '../dispatch/operation-errors.ts';

/** What a host shows its clients, whom it lets in, and what it reports. */
export interface ServiceHostOptions {
  /** Those that its binding's security needs. */
  readonly credentials?: ServiceCredentials;
  /** Whether a caller may call an operation; if not, it gets SecurityAccessDenied. Default: everybody may. */
  readonly authorize?: Authorize;
  /** Names of those who may call, one or more, as `context.caller` has them. Default: everybody may. */
  readonly allow?: readonly string[];
  /**
   * A connection broke, its peer broke the rules, or its caller was refused (once for each session): for a log. Calls
   * of others go on.
   */
  readonly onConnectionError?: (error: Error) => void;
  /**
   * An implementation threw something other than a `Fault`, or returned a value that its contract does not
   * allow. Its caller is told of an internal error, or nothing if the operation is one-way. Default: a line on
   * standard error.
   */
  readonly onOperationError?: OnOperationError;
  /** Told of each call, and of what became of it: for figures and traces. Default: nobody is. */
  readonly onCall?: OnCall;
}

const KNOWN = optionsOf('ServiceHost', {
  credentials: OBJECT,
  authorize: FUNCTION,
  allow: LIST,
  onConnectionError: FUNCTION,
  onOperationError: FUNCTION,
  onCall: FUNCTION,
} as const satisfies Record<keyof ServiceHostOptions, unknown>);

/**
 * @throws {NetTcpError} `Usage` for an unknown option, and for `allow` if the security names no caller, or the list
 *   nobody who could call
 */
export function checkHostOptions(options: ServiceHostOptions, security: Security): void {
  checkOptions('ServiceHost', options, KNOWN, { credentials: SERVICE_CREDENTIALS });
  const { allow, credentials } = options;
  if (allow === undefined) return;
  const option = 'The option allow of ServiceHost';
  if (!namesCallers(security)) {
    const text = `${option} needs a security that says who calls: certificates, Windows, or user names.`;
    throw new NetTcpError('Usage', text);
  }
  checkAllowed(option, allow, security, credentials?.accounts !== undefined);
}

/** A file of a service's metadata: WSDL, or a schema that it names. */
export interface MetadataFile {
  /** By which the others name it: `Service.wsdl`. */
  readonly name: string;
  /** XML, to be written as UTF-8. */
  readonly text: string;
}

/** What an endpoint has beside contract, implementation and address. */
export interface EndpointOptions {
  /**
   * Whether SOAP messages have to be addressed to the endpoint's own scheme, port and path: WCF's
   * AddressFilterMode of a service. `any` is for clients that know it by another address, as with a port mapping
   * or a tunnel. Default: `exact`.
   */
  readonly addressFilterMode?: 'exact' | 'any' | undefined;
  /**
   * Whether the address with `/mex` after it answers with WSDL and XML Schema, of which Microsoft's tools make a
   * client, and `net-tcp-port-sharing import` a contract. It needs the security that the endpoint needs; `plain`
   * answers without any. Default: only where no other machine reaches the endpoint.
   */
  readonly metadata?: boolean | 'plain' | undefined;
  /**
   * Headers that the implementation reads of `context.headers` and so understands: a message with another one
   * that has to be understood is refused. Default: none.
   */
  readonly understoodHeaders?: readonly HeaderType[] | undefined;
}

const OF_ENDPOINT = optionsOf('addEndpoint', {
  addressFilterMode: oneOf('exact', 'any'),
  metadata: [(value) => typeof value === 'boolean' || value === 'plain', "true, false or 'plain'"],
  understoodHeaders: LIST,
} as const satisfies Record<keyof EndpointOptions, Check>);

/** @throws {NetTcpError} `Usage` for an unknown option or a wrong value */
export function checkEndpointOptions(options: EndpointOptions): void {
  checkOptions('addEndpoint', options, OF_ENDPOINT);
}
