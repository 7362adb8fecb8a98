import { elementsOf } from './element.ts';

/** The namespaces of metadata, by the prefixes that WCF gives them. */
export const NAMESPACES = {
  wsdl: 'http://schemas.xmlsoap.org/wsdl/',
  xs: 'http://www.w3.org/2001/XMLSchema',
  soap12: 'http://schemas.xmlsoap.org/wsdl/soap12/',
  soap: 'http://schemas.xmlsoap.org/wsdl/soap/',
  ser: 'http://schemas.microsoft.com/2003/10/Serialization/',
  wsaw: 'http://www.w3.org/2006/05/addressing/wsdl',
  wsam: 'http://www.w3.org/2007/05/addressing/metadata',
  wsa10: 'http://www.w3.org/2005/08/addressing',
  wsp: 'http://schemas.xmlsoap.org/ws/2004/09/policy',
  wsu: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  wsx: 'http://schemas.xmlsoap.org/ws/2004/09/mex',
  msc: 'http://schemas.microsoft.com/ws/2005/12/wsdl/contract',
  msb: 'http://schemas.microsoft.com/ws/06/2004/mspolicy/netbinary1',
  msf: 'http://schemas.microsoft.com/ws/2006/05/framing/policy',
  sp: 'http://schemas.xmlsoap.org/ws/2005/07/securitypolicy',
} as const;

/** What a net.tcp binding says is its transport. */
export const TCP_TRANSPORT = 'http://schemas.microsoft.com/soap/tcp';

/** WCF's type of a stream: base64Binary of which there may be any amount. */
export const STREAM_BODY = {
  name: 'StreamBody',
  namespace: 'http://schemas.microsoft.com/Message',
};

export const wsdl = elementsOf(NAMESPACES.wsdl);
export const xs = elementsOf(NAMESPACES.xs);
export const soap12 = elementsOf(NAMESPACES.soap12);
