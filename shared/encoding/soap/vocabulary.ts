import { staticId } from '../binary-xml/static-dictionary.ts';

/** The names of SOAP 1.2, WS-Addressing 1.0 and WCF that messages are made of. */

export const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
export const ADDRESSING = 'http://www.w3.org/2005/08/addressing';
export const ANONYMOUS = 'http://www.w3.org/2005/08/addressing/anonymous';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Roles whose headers are for whoever answers; `''` is no role at all. SOAP 1.2, section 2.2. */
export const OUR_ROLES: ReadonlySet<string> = new Set([
  '',
  `${SOAP}/role/next`,
  `${SOAP}/role/ultimateReceiver`,
]);

/** Where DataContractSerializer has the items of arrays of XML Schema types… */
export const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
/** … those of arrays of `Nullable<…>` … */
export const NULLABLE_ITEMS = 'http://schemas.datacontract.org/2004/07/System';
/** … and lone values that are nobody's member. */
export const SERIALIZATION = 'http://schemas.microsoft.com/2003/10/Serialization/';
export const EXCEPTION_DETAIL = 'http://schemas.datacontract.org/2004/07/System.ServiceModel';

/** Namespace of the fault codes that WCF's dispatcher has of its own. */
export const DISPATCHER =
  'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher';

/** Actions of fault messages. */
export const FAULT_ACTION = {
  /** Faults of WS-Addressing itself, which WCF uses for the message that opens a session. */
  addressing: 'http://www.w3.org/2005/08/addressing/fault',
  soap: 'http://www.w3.org/2005/08/addressing/soap/fault',
  dispatcher: `${DISPATCHER}/fault`,
} as const;

/** Static dictionary ids of what every message has. */
export const ID = {
  soap: staticId(SOAP),
  envelope: staticId('Envelope'),
  header: staticId('Header'),
  body: staticId('Body'),
  mustUnderstand: staticId('mustUnderstand'),
  notUnderstood: staticId('NotUnderstood'),
  addressing: staticId(ADDRESSING),
  anonymous: staticId(ANONYMOUS),
  action: staticId('Action'),
  messageId: staticId('MessageID'),
  relatesTo: staticId('RelatesTo'),
  replyTo: staticId('ReplyTo'),
  address: staticId('Address'),
  to: staticId('To'),
  fault: staticId('Fault'),
  code: staticId('Code'),
  subcode: staticId('Subcode'),
  value: staticId('Value'),
  reason: staticId('Reason'),
  text: staticId('Text'),
  detail: staticId('Detail'),
} as const;
