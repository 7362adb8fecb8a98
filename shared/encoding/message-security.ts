/**
 * What SOAP messages say of their sender: WS-Security 1.0, WS-SecureConversation and WS-Trust of February 2005.
 * Encodings read and write it; they ask the interfaces below to make and check it.
 */

/** `u:Timestamp`. Its times stay as they were written: they are signed byte by byte. */
export interface MessageTimestamp {
  /** `u:Id` */
  readonly id: string;
  readonly created: string;
  readonly expires: string | undefined;
}

/** `o:UsernameToken` */
export interface UserNameToken {
  readonly name: string;
  readonly password: string | undefined;
  /** The password's `Type`; `undefined` where it is not written, which means text. */
  readonly passwordType: string | undefined;
  readonly nonce: Uint8Array | undefined;
  readonly created: string | undefined;
}

/** The Timestamp's, by HMAC-SHA1 with the key of the context token; both values in base64. */
export interface MessageSignature {
  readonly digestValue: string;
  readonly signatureValue: string;
}

/** The header `o:Security`. One that was read from a peer has not been checked. */
export interface SecurityHeader {
  readonly timestamp?: MessageTimestamp | undefined;
  readonly userName?: UserNameToken | undefined;
  /** The Identifier of a SecurityContextToken: `urn:uuid:…` */
  readonly contextToken?: string | undefined;
  readonly signature?: MessageSignature | undefined;
  /** Why the header is not understood; the rest of it is missing then. */
  readonly problem?: string | undefined;
}

/** What a client asks the service's token issuer for: the body of an RST. */
export interface TokenRequest {
  /** The client's part of the key; missing when a token is cancelled. */
  readonly entropy?: Uint8Array | undefined;
  /** The token to renew or cancel. */
  readonly target?: string | undefined;
}

/** The issuer's answer: the body of an RSTR. */
export interface IssuedToken {
  readonly identifier: string;
  /** The service's part of the key. */
  readonly entropy: Uint8Array;
  readonly created: string;
  readonly expires: string;
}

/** Why a message is refused, as the subcodes of its fault name it. */
export type SecurityRefusal = 'BadContextToken' | 'FailedAuthentication' | 'InvalidSecurity';

/** A client's side of it, for one session. */
export interface ClientMessageSecurity {
  /** The header of the next message. */
  header(): SecurityHeader;
  /** @throws {NetTcpError} `MessageSecurity` for an answer that must not be accepted */
  check(header: SecurityHeader): void;
  /** The service has said that it does not know the token. */
  forgotten?(): void;
}

/** A service's side of it, for one session. */
export interface ServiceMessageSecurity {
  /** The header of the next answer. */
  header(): SecurityHeader;
  /** `undefined` if the sender of this header may call operations; the caller is known from then on. */
  check(header: SecurityHeader): SecurityRefusal | undefined;
  /** @throws {NetTcpError} `SecurityNegotiation`, `MessageSecurity` or `ServerTooBusy` if no token is issued */
  issue(header: SecurityHeader, request: TokenRequest): Promise<IssuedToken>;
  /** @throws {NetTcpError} `MessageSecurity` for a caller that may not cancel it */
  cancel(request: TokenRequest): void;
}
