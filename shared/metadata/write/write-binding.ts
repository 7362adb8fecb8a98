import { callbacksOf, type Contract, type Operation } from '../../contract/contract.ts';
import { NAMESPACES, soap12, TCP_TRANSPORT, wsdl } from '../xml/vocabulary.ts';
import { attributeKey, elementsOf, type XmlElement } from '../xml/element.ts';
import { faultNameOf } from './write-messages.ts';
import { boundHeaders, headersOf } from './write-parts.ts';

/** How an endpoint's messages travel, as its metadata says it. */
export interface DescribedBinding {
  /** What its connections are upgraded to; `undefined`: nothing. */
  readonly transport?: 'tls' | 'tls-with-certificate' | 'windows' | undefined;
  readonly isStreamed?: boolean;
}

/** An endpoint, as it is to be described. */
export interface DescribedEndpoint extends DescribedBinding {
  readonly contract: Contract;
  /** Its address: `net.tcp://…`. */
  readonly address: string;
}

const wsp = elementsOf(NAMESPACES.wsp);
const sp = elementsOf(NAMESPACES.sp);
const msb = elementsOf(NAMESPACES.msb);
const msf = elementsOf(NAMESPACES.msf);
const wsaw = elementsOf(NAMESPACES.wsaw);
const wsa10 = elementsOf(NAMESPACES.wsa10);
const ID = attributeKey({ name: 'Id', namespace: NAMESPACES.wsu });

/** Policy, binding and port of an endpoint. @param name of binding and port @param namespace of the service */
export function writeBinding(
  endpoint: DescribedEndpoint,
  name: string,
  namespace: string,
): { readonly policy: XmlElement; readonly binding: XmlElement; readonly port: XmlElement } {
  const { contract, address } = endpoint;
  const policyName = `${name}_policy`;
  const policy = wsp('Policy', { [ID]: policyName }, [all(assertions(endpoint))]);
  const operations = [
    ...[...contract.operations.values()].map((operation) =>
      bound(contract, operation, false, !operation.oneWay),
    ),
    // A callback's answer is an input.
    ...[...callbacksOf(contract).operations.values()].map((operation) =>
      bound(contract, operation, true, !operation.oneWay),
    ),
  ];
  const type = { name: contract.name, namespace: contract.namespace };
  const binding = wsdl('binding', { name, type }, [
    wsp('PolicyReference', { URI: `#${policyName}` }),
    soap12('binding', { transport: TCP_TRANSPORT }),
    ...operations,
  ]);
  const port = wsdl('port', { name, binding: { name, namespace } }, [
    soap12('address', { location: address }),
    wsa10('EndpointReference', {}, [wsa10('Address', {}, address)]),
  ]);
  return { policy, binding, port };
}

/** An operation with its messages. */
function bound(
  { name: contract, namespace }: Contract,
  { name, action, faults, request, reply }: Operation,
  isCallback: boolean,
  hasAnswer: boolean,
): XmlElement {
  const literal = { use: 'literal' };
  const direction = (what: 'input' | 'output'): XmlElement | undefined => {
    const isRequest = (what === 'output') === isCallback;
    if (!isRequest && !hasAnswer) return undefined;
    const suffix = `${what === 'input' ? 'Input' : 'Output'}${isCallback ? 'CallbackMessage' : 'Message'}`;
    const headers = headersOf({ name: `${contract}_${name}_${suffix}`, namespace });
    const bound12 = boundHeaders(isRequest ? request : reply, headers);
    return wsdl(what, {}, [...bound12, soap12('body', literal)]);
  };
  return wsdl('operation', { name }, [
    soap12('operation', { soapAction: action, style: 'document' }),
    direction('input'),
    direction('output'),
    ...faults.map((fault) => {
      const fault12 = soap12('fault', { name: faultNameOf(fault), ...literal });
      return wsdl('fault', { name: faultNameOf(fault) }, [fault12]);
    }),
  ]);
}

function all(assertions: readonly (XmlElement | undefined)[]): XmlElement {
  return wsp('ExactlyOne', {}, [wsp('All', {}, assertions)]);
}

function assertions({ transport, isStreamed }: DescribedBinding): (XmlElement | undefined)[] {
  return [
    msb('BinaryEncoding'),
    isStreamed === true ? msf('Streamed') : undefined,
    transport === undefined ? undefined : transportBinding(transport),
    wsaw('UsingAddressing'),
  ];
}

/** WS-SecurityPolicy's TransportBinding, with what WCF's net.tcp has as its token. */
function transportBinding(transport: NonNullable<DescribedBinding['transport']>): XmlElement {
  const nested = (name: string, content: XmlElement): XmlElement =>
    sp(name, {}, [wsp('Policy', {}, [content])]);
  const requires = transport === 'tls-with-certificate' ? [msf('RequireClientCertificate')] : [];
  const token =
    transport === 'windows'
      ? msf('WindowsTransportSecurity', {}, [msf('ProtectionLevel', {}, 'EncryptAndSign')])
      : msf('SslTransportSecurity', {}, requires);
  return sp('TransportBinding', {}, [
    wsp('Policy', {}, [
      nested('TransportToken', token),
      nested('AlgorithmSuite', sp('Basic256')),
      nested('Layout', sp('Strict')),
    ]),
  ]);
}
