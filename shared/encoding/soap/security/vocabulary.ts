import { staticId } from '../../binary-xml/static-dictionary.ts';
import { TRUST } from '../../token-operations.ts';

/** The names of WS-Security, WS-SecureConversation, WS-Trust and XML signatures, as WCF has them. */

const WSS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity';
/** `o:` */
export const SECURITY = `${WSS}-secext-1.0.xsd`;
/** `u:` */
export const UTILITY = `${WSS}-utility-1.0.xsd`;
/** `c:` */
export const CONVERSATION = 'http://schemas.xmlsoap.org/ws/2005/02/sc';
export const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';

/** The sort of token that is asked for. */
export const CONTEXT_TOKEN = `${CONVERSATION}/sct`;
export const HMAC_SHA1 = `${SIGNATURE}hmac-sha1`;
export const SHA1 = `${SIGNATURE}sha1`;

/** Static dictionary ids. */
export const SID = {
  security: staticId('Security'),
  securityNamespace: staticId(SECURITY),
  utility: staticId(UTILITY),
  conversation: staticId(CONVERSATION),
  trust: staticId(TRUST),
  signatureNamespace: staticId(SIGNATURE),
  canonicalForm: staticId('http://www.w3.org/2001/10/xml-exc-c14n#'),
  hmacSha1: staticId(HMAC_SHA1),
  sha1: staticId(SHA1),
  id: staticId('Id'),
  timestamp: staticId('Timestamp'),
  created: staticId('Created'),
  expires: staticId('Expires'),
  usernameToken: staticId('UsernameToken'),
  username: staticId('Username'),
  password: staticId('Password'),
  securityContextToken: staticId('SecurityContextToken'),
  identifier: staticId('Identifier'),
  signature: staticId('Signature'),
  signedInfo: staticId('SignedInfo'),
  canonicalizationMethod: staticId('CanonicalizationMethod'),
  signatureMethod: staticId('SignatureMethod'),
  algorithm: staticId('Algorithm'),
  reference: staticId('Reference'),
  uri: staticId('URI'),
  transforms: staticId('Transforms'),
  transform: staticId('Transform'),
  digestMethod: staticId('DigestMethod'),
  digestValue: staticId('DigestValue'),
  signatureValue: staticId('SignatureValue'),
  keyInfo: staticId('KeyInfo'),
  securityTokenReference: staticId('SecurityTokenReference'),
  requestSecurityToken: staticId('RequestSecurityToken'),
  requestSecurityTokenResponse: staticId('RequestSecurityTokenResponse'),
  tokenType: staticId('TokenType'),
  requestType: staticId('RequestType'),
  entropy: staticId('Entropy'),
  binarySecret: staticId('BinarySecret'),
  type: staticId('Type'),
  valueType: staticId('ValueType'),
  keySize: staticId('KeySize'),
  cancelTarget: staticId('CancelTarget'),
  requestedSecurityToken: staticId('RequestedSecurityToken'),
  requestedAttachedReference: staticId('RequestedAttachedReference'),
  requestedUnattachedReference: staticId('RequestedUnattachedReference'),
  requestedProofToken: staticId('RequestedProofToken'),
  computedKey: staticId('ComputedKey'),
  lifetime: staticId('Lifetime'),
  requestedTokenCancelled: staticId('RequestedTokenCancelled'),
} as const;
