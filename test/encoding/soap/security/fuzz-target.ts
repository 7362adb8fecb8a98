import { ICalculator } from '../../../../shared/contract/calculator.ts';
import type { MessageEncoding } from '../../../../shared/encoding/encoding.ts';
import type {
  IssuedToken,
  SecurityHeader,
  SecurityRefusal,
  ServiceMessageSecurity,
  TokenRequest,
} from '../../../../shared/encoding/message-security.ts';
import { TOKEN_OPERATIONS } from '../../../../shared/encoding/token-operations.ts';
import { DEFAULT_LIMITS } from '../../../../shared/limits.ts';
import { OctetWriter } from '../../../../shared/octets.ts';
import { expectTyped } from '../../../helpers/expect-typed.ts';
import { CALL, operationOf, written } from '../messages.ts';
import { createSoap } from '../../../../shared/encoding/soap/soap.ts';
import { ADD, CANCEL, DOTNET_ADDRESS, ISSUE, RENEW } from './dotnet-messages.ts';

export const buffered: MessageEncoding = createSoap('buffered', () => new Uint8Array(12).fill(7));
export const codecOptions = {
  contract: ICalculator,
  limits: DEFAULT_LIMITS,
  address: DOTNET_ADDRESS,
};
export const add = operationOf(ICalculator, 'Add');

export const TOKEN: IssuedToken = {
  identifier: 'urn:uuid:0b0d806b-40b6-498e-afeb-da261b5ce37d',
  entropy: new Uint8Array(32).fill(3),
  created: '2026-11-25T13:10:58.923Z',
  expires: '2026-11-26T04:10:58.923Z',
};

export const TIMESTAMP = {
  id: '_0',
  created: '2026-11-25T13:10:58.825Z',
  expires: '2026-11-25T13:15:58.825Z',
};

/** Every part that a header may have. */
export const FULL_HEADER: SecurityHeader = {
  timestamp: TIMESTAMP,
  userName: {
    name: 'dave',
    password: 'secret-dave',
    passwordType: undefined,
    nonce: undefined,
    created: undefined,
  },
  contextToken: TOKEN.identifier,
  signature: { digestValue: 'PmjSXQCj2GUuBBrmHLFb6FJerbA=', signatureValue: 'UYcE9U5nsCotOa==' },
};

/** Lets everybody in, unless told to refuse; keeps what it was asked. */
export class Issuer implements ServiceMessageSecurity {
  readonly checked: SecurityHeader[] = [];
  readonly asked: { readonly header: SecurityHeader; readonly request: TokenRequest }[] = [];
  readonly cancelled: TokenRequest[] = [];
  refusal: SecurityRefusal | undefined;

  header(): SecurityHeader {
    return { timestamp: TIMESTAMP };
  }

  check(header: SecurityHeader): SecurityRefusal | undefined {
    this.checked.push(header);
    return this.refusal;
  }

  issue(header: SecurityHeader, request: TokenRequest): Promise<IssuedToken> {
    this.asked.push({ header, request });
    return Promise.resolve(TOKEN);
  }

  cancel(request: TokenRequest): void {
    this.cancelled.push(request);
  }
}

const client = { header: () => FULL_HEADER, check: () => {} };
const scratch = new OctetWriter();

function serve(payload: Uint8Array): void {
  const service = buffered.service({ ...codecOptions, security: new Issuer() });
  expectTyped(() => {
    const request = service.readRequest(payload, 0, payload.length);
    if (request.id === undefined) return;
    scratch.clear();
    if (request.kind === 'refused') service.writeFault(scratch, request.id, request.fault);
    else if (request.own !== undefined)
      service.writeResult(scratch, request.id, request.operation, TOKEN);
  });
}

function receive(payload: Uint8Array): void {
  const codec = buffered.client({ ...codecOptions, security: client });
  expectTyped(() => {
    codec.readReply(payload, 0, payload.length, () => TOKEN_OPERATIONS.issue);
    return codec.readReply(payload, 0, payload.length, () => add);
  });
}

const service = buffered.service({ ...codecOptions, security: new Issuer() });
const answered = service.readRequest(ISSUE, 0, ISSUE.length).id ?? '';
/** What .NET sends, and what we do, with every part of a header. */
export const SECURITY_TARGETS = [
  {
    name: 'secured requests',
    originals: [
      ISSUE,
      ADD,
      CANCEL,
      RENEW,
      written((out) =>
        buffered
          .client({ ...codecOptions, security: client })
          .writeRequest(out, CALL, TOKEN_OPERATIONS.issue, [{ entropy: TOKEN.entropy }]),
      ),
    ],
    read: serve,
  },
  {
    name: 'secured answers',
    originals: [
      written((out) => service.writeResult(out, answered, TOKEN_OPERATIONS.issue, TOKEN)),
      written((out) => service.writeResult(out, answered, TOKEN_OPERATIONS.cancel, undefined)),
    ],
    read: receive,
  },
];
