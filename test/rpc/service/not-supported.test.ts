// What WCF has and this package does not (docs/wcf.md): a client of WCF that asks for it is refused, with a sentence.
import { expect, onTestFinished, test } from 'vitest';
import { calculator } from '../../../service/calculator.ts';
import { parseAddress } from '../../../shared/address.ts';
import { OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import { ICalculator, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';

import {
  ADDRESS,
  addRequest,
  buffered,
  GUID,
  message,
  options,
  wrapper,
} from '../../encoding/soap/messages.ts';
import { preamble, RawClient } from '../../helpers/network/raw-client.ts';

test.for<[what: string, encoding: string | number, mode?: number]>([
  ['messages compressed with gzip', 'application/soap+msbinsession1+gzip'],
  ['messages compressed with deflate', 'application/soap+msbinsession1+deflate'],
  ['a stream compressed with gzip', 'application/soap+msbin1+gzip', 1],
  ['text in UTF-8', 3],
  ['text in UTF-16', 4],
  ['MTOM', 6],
])('%s: the content type is invalid', async ([, encoding, mode = 2]) => {
  const host = new ServiceHost(new NetTcpBinding());
  onTestFinished(() => host.close());
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/x');
  await host.open();
  const [address = ''] = host.addresses;
  const client = new RawClient(parseAddress(address).port);
  client.send(preamble(address, encoding, mode));
  expect(await client.next()).toMatchObject({
    type: 'fault',
    fault: 'http://schemas.microsoft.com/ws/2006/05/framing/faults/ContentTypeInvalid',
  });
  expect(await client.next()).toBeUndefined();
});

test.for([
  ['reliable messaging', 'http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence'],
  ['reliable messaging 1.1', 'http://docs.oasis-open.org/ws-rx/wsrm/200702/CreateSequence'],
  ['a secure conversation', 'http://schemas.xmlsoap.org/ws/2005/02/trust/RST/SCT'],
  ['a negotiation in messages', 'http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue'],
])('%s: its first message has an action that no operation has', ([, action]) => {
  const body = wrapper('CreateSequence', 'http://schemas.xmlsoap.org/ws/2005/02/rm');
  const request = message({ action, to: ADDRESS, messageId: `urn:uuid:${GUID}`, body });
  const service = buffered.service(options());
  const refused = service.readRequest(request, 0, request.length);
  expect(refused).toMatchObject({
    kind: 'refused',
    fault: {
      code: 'ActionNotSupported',
      message: expect.stringMatching(
        `^The message with Action '${action}' cannot be processed at the receiver, .* same binding`,
      ),
    },
  });
});

/** A header with an element in it, as each of these has. */
function understood(name: string, namespace: string): (xml: BinaryXmlWriter) => void {
  return (xml) => {
    xml.element('h', name);
    xml.attribute('s', 'mustUnderstand');
    xml.text('1', OPEN);
    xml.xmlns('h', namespace);
    xml.element('h', 'Identifier');
    xml.endElement();
    xml.endElement();
  };
}

test.for([
  ['a transaction of OLE', 'OleTxTransaction', 'http://schemas.microsoft.com/ws/2006/02/tx/oletx'],
  ['a transaction', 'CoordinationContext', 'http://schemas.xmlsoap.org/ws/2004/10/wscoor'],
  ['one of 1.1', 'CoordinationContext', 'http://docs.oasis-open.org/ws-tx/wscoor/2006/06'],
  ['a message of a sequence', 'Sequence', 'http://schemas.xmlsoap.org/ws/2005/02/rm'],
] as const)('%s, with a call: the header is not understood', ([, name, namespace]) => {
  const service = buffered.service(options());
  const request = addRequest({ headers: understood(name, namespace) });
  expect(service.readRequest(request, 0, request.length)).toMatchObject({
    kind: 'refused',
    fault: {
      code: 'Fault',
      message: expect.stringContaining(
        `The header '${name}' from the namespace '${namespace}' was not understood by the recipient`,
      ),
    },
  });
  // The call is what was refused, not the session.
  const other = addRequest();
  expect(service.readRequest(other, 0, other.length)).toMatchObject({ kind: 'call' });
});

test.for([
  'reliableSession',
  'ReliableSession',
  'transactionFlow',
  'transactionProtocol',
  'compressionFormat',
])('the option %s of a binding is refused, not passed over', (option) => {
  expect(() => new NetTcpBinding({ [option]: true } as never)).toThrow(
    expect.objectContaining({
      code: 'Usage',
      message: expect.stringContaining(`NetTcpBinding has no option "${option}"`),
    }),
  );
});
