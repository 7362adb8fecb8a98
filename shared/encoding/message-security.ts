/**
 * What SOAP messages say of their sender: WS-Security 1.0, WS-SecureConversation and WS-Trust of February 2005.
 * Encodings read and write it; who makes and checks it is theirs to ask.
 */

/** `u:Timestamp`. Its times stay as they are written: they are signed byte by byte. */
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

/** Of the Timestamp, by HMAC-SHA1 with the key of the context token; both in base64. */
export interface MessageSignature {
  readonly digestValue: string;
  readonly signatureValue: string;
}

/** The header `o:Security`. What was read of a peer has not been checked. */
export interface SecurityHeader {
  readonly timestamp?: MessageTimestamp | undefined;
  readonly userName?: UserNameToken | undefined;
  /** The Identifier of a SecurityContextToken: `urn:uuid:…` */
  readonly contextToken?: string | undefined;
  readonly signature?: MessageSignature | undefined;
  /** Why the header is none that is understood; the rest of it is missing then. */
  readonly problem?: string | undefined;
}

/** What a client asks the service's token issuer for: the body of an RST. */
export interface TokenRequest {
  /** What the client gives to the key; missing in what cancels a token. */
  readonly entropy?: Uint8Array | undefined;
  /** The token that is to be renewed or cancelled. */
  readonly target?: string | undefined;
}

/** What it is given: the body of an RSTR. */
export interface IssuedToken {
  readonly identifier: string;
  /** What the service gives to the key. */
  readonly entropy: Uint8Array;
  readonly created: string;
  readonly expires: string;
}

/** Why a message is refused, as the subcodes of its fault name it. */
export type SecurityRefusal = 'BadContextToken' | 'FailedAuthentication' | 'InvalidSecurity';

/** A client's side of it, for one session. */
export interface ClientMessageSecurity {
  /** What the next message says. */
  header(): SecurityHeader;
  /** @throws {NetTcpError} `MessageSecurity` for an answer that nobody may take for one */
  check(header: SecurityHeader): void;
}

/** A service's side of it, for one session. */
export interface ServiceMessageSecurity {
  /** What the next answer says. */
  header(): SecurityHeader;
  /** Whether an operation may be called by who says this; whose call it is is known then. */
  check(header: SecurityHeader): SecurityRefusal | undefined;
  /** @throws {NetTcpError} `SecurityNegotiation` or `MessageSecurity` for a caller that does not get one, `ServerTooBusy` */
  issue(header: SecurityHeader, request: TokenRequest): Promise<IssuedToken>;
  /** @throws {NetTcpError} `MessageSecurity` for who may not */
  cancel(request: TokenRequest): void;
}
