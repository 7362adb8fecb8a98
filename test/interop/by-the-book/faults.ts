import { endText, known, NIL, qualified, tag, XML_LANG, xmlns } from './xml.ts';

/** A SOAP fault, with the action that its envelope has and what becomes of the session. */
export interface Fault {
  readonly action: string;
  readonly body: Buffer;
  /** The service ends the session after this fault. */
  readonly ends: boolean;
}

const ADDRESSING = 'http://www.w3.org/2005/08/addressing';
const DISPATCHER =
  'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher';
const ECHO = 'http://example.org/echo';
const END = Buffer.from([0x01]);

interface FaultParts {
  /** Default `s:Sender`. */
  readonly code?: Buffer;
  readonly subcode?: readonly [name: string, namespace: string];
  readonly reason: string;
  readonly detail?: Buffer;
}

function faultBody({ code, subcode, reason, detail }: FaultParts): Buffer {
  const parts = [known('569a01', code ?? qualified('s', 'Sender'))];
  if (subcode !== undefined) {
    const [name, namespace] = subcode;
    // The envelope has the prefix a for WS-Addressing; other namespaces declare it anew.
    const declared = namespace === ADDRESSING ? Buffer.alloc(0) : xmlns('a', namespace);
    parts.push(known('569c01', known('569a01', declared, qualified('a', name)), END));
  }
  return known(
    '568601',
    known('568e01', ...parts, END),
    known('569001', known('569201', XML_LANG, endText(reason)), END),
    ...(detail === undefined ? [] : [known('569801', detail, END)]),
    END,
  );
}

const SOAP_FAULT = `${ADDRESSING}/soap/fault`;

/** [wire reference 4.5] An operation that the contract does not have. */
export function actionNotSupported(action: string, isFirst: boolean): Fault {
  return {
    action: isFirst ? `${ADDRESSING}/fault` : SOAP_FAULT,
    ends: !isFirst,
    body: faultBody({
      subcode: ['ActionNotSupported', ADDRESSING],
      reason: `The message with Action '${action}' cannot be processed at the receiver, due to a ContractFilter mismatch at the EndpointDispatcher. This may be because of either a contract mismatch (mismatched Actions between sender and receiver) or a binding/security mismatch between the sender and the receiver.  Check that sender and receiver have the same contract and the same binding (including security requirements, e.g. Message, Transport, None).`,
      ...(isFirst
        ? {}
        : {
            detail: tag(
              'string',
              'http://schemas.microsoft.com/2003/10/Serialization/',
              endText(action),
            ),
          }),
    }),
  };
}

interface ServiceException {
  readonly type: string;
  readonly message: string;
  readonly inner?: ServiceException;
}

function exceptionContent({ type, message, inner }: ServiceException): Buffer {
  return Buffer.concat([
    tag('HelpLink', undefined, NIL),
    inner === undefined
      ? tag('InnerException', undefined, NIL)
      : tag('InnerException', undefined, exceptionContent(inner)),
    tag('Message', undefined, endText(message)),
    tag('StackTrace', undefined, endText('   at Interop.Services.Fail(String kind)')),
    tag('Type', undefined, endText(type)),
    END,
  ]);
}

function internalFault(exception: ServiceException, details: boolean): Fault {
  const detail = tag(
    'ExceptionDetail',
    'http://schemas.datacontract.org/2004/07/System.ServiceModel',
    Buffer.concat([
      xmlns('i', 'http://www.w3.org/2001/XMLSchema-instance'),
      exceptionContent(exception),
    ]),
  );
  return {
    action: `${DISPATCHER}/fault`,
    ends: true,
    body: faultBody({
      code: qualified('s', 'Receiver'),
      subcode: ['InternalServiceFault', DISPATCHER],
      reason: details
        ? exception.message
        : 'The server was unable to process the request due to an internal error.  For more information about the error, either turn on IncludeExceptionDetailInFaults (either from ServiceBehaviorAttribute or from the <serviceDebug> configuration behavior) on the server in order to send the exception information back to the client, or turn on tracing as per the Microsoft .NET Framework SDK documentation and inspect the server trace logs.',
      ...(details ? { detail } : {}),
    }),
  };
}

/** What the operation Fail does for that kind; nothing for a kind that does not fail. */
export function failure(kind: string, details: boolean): Fault | undefined {
  const fault = (parts: FaultParts, action = SOAP_FAULT): Fault => ({
    action,
    ends: false,
    body: faultBody(parts),
  });
  switch (kind) {
    case 'plain':
      return internalFault(
        { type: 'System.InvalidOperationException', message: 'plain failure' },
        details,
      );
    case 'nested': {
      const inner = { type: 'System.ArgumentException', message: 'inner failure' };
      return internalFault(
        { type: 'System.InvalidOperationException', message: 'outer failure', inner },
        details,
      );
    }
    case 'fault':
      return fault({ reason: 'plain fault' });
    case 'code':
      return fault({
        code: Buffer.concat([xmlns('a', ECHO), qualified('a', 'Custom')]),
        reason: 'fault with a code',
      });
    case 'subcode':
      return fault({ subcode: ['Narrow', ECHO], reason: 'fault with a subcode' });
    case 'string':
      return fault(
        {
          reason: 'fault with a string',
          detail: tag(
            'string',
            'http://schemas.microsoft.com/2003/10/Serialization/',
            endText('detail text'),
          ),
        },
        `${ECHO}/IEcho/FailStringFault`,
      );
    case 'object':
      return fault(
        {
          reason: 'fault with an object',
          detail: tag(
            'Problem',
            ECHO,
            Buffer.concat([
              tag('Number', undefined, endText('42')),
              tag('Text', undefined, endText('what went wrong')),
              END,
            ]),
          ),
        },
        `${ECHO}/IEcho/FailProblemFault`,
      );
    default:
      return undefined;
  }
}
