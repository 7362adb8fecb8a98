import { FAULT_CODE_NAMESPACE } from '../../contract/fault-exception.ts';
import { staticId } from '../binary-xml/static-dictionary.ts';
import { DISPATCHER } from '../unreadable.ts';

/** The names of SOAP 1.2, WS-Addressing 1.0 and WCF that messages are made of. */

export const SOAP = FAULT_CODE_NAMESPACE; // of SOAP 1.2, all of it
export const ADDRESSING = 'http://www.w3.org/2005/08/addressing';
export const ANONYMOUS = 'http://www.w3.org/2005/08/addressing/anonymous';

/** Roles whose headers are for the one that answers; `''` is no role. SOAP 1.2, section 2.2. */
export const OUR_ROLES: ReadonlySet<string> = new Set([
  '',
  `${SOAP}/role/next`,
  `${SOAP}/role/ultimateReceiver`,
]);

export const EXCEPTION_DETAIL = 'http://schemas.datacontract.org/2004/07/System.ServiceModel';

/** Actions of fault messages. */
export const FAULT_ACTION = {
  /** Faults of WS-Addressing itself, which WCF uses for the message that opens a session. */
  addressing: 'http://www.w3.org/2005/08/addressing/fault',
  soap: 'http://www.w3.org/2005/08/addressing/soap/fault',
  dispatcher: `${DISPATCHER}/fault`,
} as const;

/** Static dictionary ids of the names in every message. */
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
