// Streams as bodies, and arrays of headers, as a client of .NET sends them: System.ServiceModel.NetTcp 10.1, streamed.
import { expect, test } from 'vitest';
import { defineContract, operation } from '../../../../shared/contract/contract.ts';
import { headerArray } from '../../../../shared/contract/header.ts';
import { message } from '../../../../shared/contract/message.ts';
import * as t from '../../../../shared/contract/types/types.ts';
import { createSoap } from '../../../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../../../shared/limits.ts';
import { hex, octets } from '../../../helpers/octets.ts';
import { idOf } from '../connections.ts';
import { operationOf, written } from '../messages.ts';

const namespace = 'urn:f';
const Tagged = message({
  name: 'Tagged',
  headers: {
    Numbers: headerArray('Numbers', t.int, { namespace }),
    Tags: headerArray('Tags', t.string, { namespace, mustUnderstand: true }),
  },
  body: { Size: t.int },
});
const IFiles = defineContract({
  name: 'IFiles',
  namespace,
  operations: {
    Bare: operation(
      message({ wrapped: false, headers: { Name: t.string }, body: { Data: t.stream } }),
    ),
    Move: operation(
      message({ name: 'Moved', body: { Data: { type: t.stream, namespace: 'urn:g' } } }),
    ),
    XmlUp: operation([['data', t.stream]], t.nothing, { format: 'xmlSerializer' }),
    Tag: operation(Tagged),
    TagXml: operation(Tagged, t.nothing, { format: 'xmlSerializer' }),
  },
});

const BEGIN = '56020b0173040b0161065608440a1e008299';
const TO = '1e6e65742e7463703a2f2f6c6f63616c686f73743a393738392f66696c6573';
const REPLY_TO = `442c442aab1401440c1e008299${TO}01560e`;
const SCHEMAS =
  '090378736929687474703a2f2f7777772e77332e6f72672f323030312f584d4c536368656d612d696e7374616e6365' +
  '090378736420687474703a2f2f7777772e77332e6f72672f323030312f584d4c536368656d61';
const ALL = { Numbers: [1, 2], Tags: ['a', '', 'b'], Size: 3 };
const EMPTY = new Uint8Array(0);

// The name, what is sent, and the envelope: action, headers, message id, body.
const ENVELOPES: readonly (readonly [string, unknown, string])[] = [
  [
    'Bare',
    { Name: 'n', Data: EMPTY },
    `${BEGIN}1175726e3a662f4946696c65732f4261726565044e616d650901680575726e3a6699016e441aad9645f9735b75df46971c8c3bde937331${REPLY_TO}400444617461080575726e3a66010101`,
  ],
  [
    'Move',
    { Data: EMPTY },
    `${BEGIN}1175726e3a662f4946696c65732f4d6f7665441aad9769aff9b7ba97408bbd63ddabb5a163${REPLY_TO}40054d6f766564080575726e3a66400444617461080575726e3a6701010101`,
  ],
  [
    'XmlUp',
    EMPTY,
    `${BEGIN}1275726e3a662f4946696c65732f586d6c5570441aadbca929e89ac17d4e958edda76b130302${REPLY_TO}${SCHEMAS}4005586d6c5570080575726e3a6640046461746101010101`,
  ],
  [
    'Tag',
    ALL,
    `${BEGIN}1075726e3a662f4946696c65732f54616765074e756d626572730901680575726e3a668365074e756d626572730901680575726e3a6689026504546167731e00820901680575726e3a669901616504546167731e00820901680575726e3a66016504546167731e00820901680575726e3a66990162441aada0472813f544f4438549210702fddf23${REPLY_TO}4006546167676564080575726e3a66400453697a658903010101`,
  ],
  [
    'Tag',
    { Numbers: [], Tags: [], Size: 4 },
    `${BEGIN}1075726e3a662f4946696c65732f546167441aadfdd6223f46cb0b47a278414d4c1be9b1${REPLY_TO}4006546167676564080575726e3a66400453697a658904010101`,
  ],
  [
    'TagXml',
    ALL,
    `${BEGIN}1375726e3a662f4946696c65732f546167586d6c65074e756d626572730901680575726e3a66080575726e3a668365074e756d626572730901680575726e3a66080575726e3a669901326504546167731e00820901680575726e3a66080575726e3a669901616504546167731e00820901680575726e3a66080575726e3a66016504546167731e00820901680575726e3a66080575726e3a66990162441aad789ca3c7880f9d4998ff2c7c2272de68${REPLY_TO}${SCHEMAS}4006546167676564080575726e3a66400453697a65990133010101`,
  ],
];

test.for(ENVELOPES)('%s', ([name, sent, envelope]) => {
  const [session, id] = idOf(envelope, '441aad');
  const soap = createSoap('streamed', () => session);
  const at = {
    contract: IFiles,
    limits: DEFAULT_LIMITS,
    address: 'net.tcp://localhost:9789/files',
  };
  const of = operationOf(IFiles, name);
  expect(hex(written((out) => soap.client(at).writeRequest(out, id, of, [sent])))).toBe(envelope);
  expect(soap.service(at).readRequest(octets(envelope), 0, envelope.length / 2)).toMatchObject({
    kind: 'call',
    args: [sent],
  });
});
