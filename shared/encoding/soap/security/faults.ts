import type { FaultCode } from '../../../contract/fault-exception.ts';
import { FaultException } from '../../../contract/fault-exception.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Fault } from '../../encoding.ts';
import type { SecurityRefusal } from '../../message-security.ts';
import { FaultExtension } from '../faults.ts';
import { FAULT_ACTION } from '../vocabulary.ts';
import { CONVERSATION, SECURITY } from './vocabulary.ts';

/** Namespace of the security faults that only WCF has. */
const DOTNET_SECURITY = 'http://schemas.microsoft.com/ws/2006/05/security';

/** Reasons in WCF's words: they tell nothing to somebody who guesses. */
const REASON: Readonly<Record<SecurityRefusal, string>> = {
  BadContextToken:
    'The security context token is expired or is not valid. The message was not processed.',
  FailedAuthentication: 'At least one security token in the message could not be validated.',
  InvalidSecurity: 'An error occurred when verifying security for the message.',
};

/** The answer to a message that is refused before anything else in it is checked. It is not secured. */
export function securityFault(refusal: SecurityRefusal): Fault {
  const namespace = refusal === 'BadContextToken' ? CONVERSATION : SECURITY;
  return {
    code: 'MessageSecurity',
    message: REASON[refusal],
    extension: new FaultExtension({
      action: FAULT_ACTION.soap,
      code: 'Sender',
      subcode: { name: refusal, namespace },
      endsSession: false,
      isUnsecured: true,
    }),
  };
}

/** The fault that tells a WCF client why it gets no token. @throws what was caught, if it is no refusal */
export function noToken(caught: unknown): FaultException {
  if (!(caught instanceof NetTcpError)) throw caught;
  switch (caught.code) {
    case 'SecurityNegotiation':
      return refused(REASON.FailedAuthentication, 'FailedAuthentication', SECURITY);
    case 'MessageSecurity':
      return refused(REASON.InvalidSecurity, 'InvalidSecurity', SECURITY);
    case 'ServerTooBusy':
      return refused(caught.message, 'ServerTooBusy', DOTNET_SECURITY);
    default:
      throw caught;
  }
}

function refused(reason: string, name: string, namespace: string): FaultException {
  return new FaultException(reason, {
    faultCode: { name: 'Sender', subcode: { name, namespace } },
  });
}

/** The meaning of an unsecured fault to a client: its request was refused, whoever sent the fault. */
export function unsecuredFault({ message, faultCode }: Fault): Fault {
  const subcode: FaultCode | undefined = faultCode?.subcode;
  if (subcode?.name === 'ServerTooBusy' && subcode.namespace === DOTNET_SECURITY) {
    return { code: 'ServerTooBusy', message };
  }
  return {
    code: 'MessageSecurity',
    message: `${MEANING.get(subcode?.name ?? '') ?? REFUSED} The service says: ${message}`,
  };
}

const REFUSED = 'The service does not accept what a message says of its sender.';
const MEANING: ReadonlyMap<string, string> = new Map([
  ['FailedAuthentication', 'The service refused the user name or the password.'],
  [
    'BadContextToken',
    'The service does not know the security session any more: it has expired, or the service was restarted. The next call gets another one.',
  ],
  [
    'InvalidSecurity',
    'The service does not accept what a message says of its sender or its age. Compare the clocks of both machines.',
  ],
]);
