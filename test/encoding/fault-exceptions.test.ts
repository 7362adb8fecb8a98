// What a FaultException carries reaches the caller in every encoding.
import { describe, expect, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import { DateTime } from '../../shared/contract/types/text/date-time.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { Fault, MessageEncoding } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';

const ENCODINGS: readonly (readonly [string, MessageEncoding])[] = [
  ['msgpack', msgpack],
  ['soap', soapBuffered],
  ['soap, streamed', soapStreamed],
];
const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
const NAMESPACE = 'http://example.org/echo';
const Problem = t.object('Problem', { Number: t.int, Text: t.nillable(t.string) }, NAMESPACE);
const Undeclared = t.object('Undeclared', { A: t.int }, NAMESPACE);
const texts = t.array(t.string);
const guid = t.nillable(t.guid);
const contract = defineContract({
  name: 'IEcho',
  namespace: NAMESPACE,
  operations: {
    Fail: operation([], t.string, {
      faults: [t.string, t.int, t.dateTime, Problem, texts, guid],
    }),
  },
});
const [FAIL] = contract.operations.values();
if (FAIL === undefined) throw new Error('no operation');

/** Begins a call, and gives what writes its answer and what reads it. */
function call(encoding: MessageEncoding) {
  if (FAIL === undefined) throw new Error('no operation');
  const options = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const client = encoding.client(options);
  const service = encoding.service(options);
  const out = new OctetWriter();
  client.writeRequest(out, 7, FAIL, []);
  const { id } = service.readRequest(out.bytes, 0, out.length);
  return {
    write: (fault: Fault) => {
      out.clear();
      service.writeFault(out, id ?? '', fault, FAIL);
      return out.toBytes();
    },
    read: (bytes: Uint8Array) => client.readReply(bytes, 0, bytes.length, () => FAIL),
  };
}

function carried(encoding: MessageEncoding, fault: Partial<Fault>): unknown {
  const { read, write } = call(encoding);
  return read(write({ code: 'Fault', message: 'why', ...fault }));
}

describe('a detail', () => {
  test.for<[string, t.ValueType, unknown]>([
    ['text', t.string, 'detail'],
    ['a number', t.int, -7],
    ['a DateTime', t.dateTime, new DateTime(637_134_336_001_234_567n, 'local')],
    ['an object', Problem, { Number: 42, Text: null }],
    ['an array', texts, ['a', 'b']],
    ['a guid', guid, '11223344-5566-7788-99aa-bbccddeeff00'],
    ['null', guid, null],
  ])('%s', ([, type, value]) => {
    for (const [name, encoding] of ENCODINGS) {
      const reply = carried(encoding, { typed: { type, value } });
      expect(reply, name).toMatchObject({ fault: { message: 'why', typed: { type, value } } });
    }
  });

  test('that the contract does not declare is none', () => {
    for (const [name, encoding] of ENCODINGS) {
      const reply = carried(encoding, { typed: { type: Undeclared, value: { A: 1 } } });
      expect(reply, name).toMatchObject({ kind: 'fault', fault: { message: 'why' } });
      expect(reply, name).not.toHaveProperty('fault.typed');
    }
  });

  test('that is not of its type is not written', () => {
    for (const [name, encoding] of ENCODINGS) {
      const { write } = call(encoding);
      const typed = { type: Problem, value: { Number: 'x', Text: null } };
      expect(() => write({ code: 'Fault', message: 'why', typed }), name).toThrow(
        new NetTcpError(
          'Internal',
          'Fail: fault detail.Number must be an int (-2147483648 to 2147483647), not "x"',
        ),
      );
    }
  });
});

describe('a code', () => {
  test.for<[string, NonNullable<Fault['faultCode']>, unknown]>([
    ["one of SOAP's", { name: 'Receiver' }, { name: 'Receiver', namespace: SOAP }],
    ['one of its own', { name: 'C', namespace: NAMESPACE }, { name: 'C', namespace: NAMESPACE }],
    [
      'a subcode and one below',
      {
        name: 'Sender',
        subcode: { name: 'A', namespace: NAMESPACE, subcode: { name: 'B', namespace: 'urn:b' } },
      },
      {
        name: 'Sender',
        namespace: SOAP,
        subcode: { name: 'A', namespace: NAMESPACE, subcode: { name: 'B', namespace: 'urn:b' } },
      },
    ],
  ])('%s', ([, faultCode, read]) => {
    for (const [name, encoding] of ENCODINGS) {
      const reply = carried(encoding, { faultCode });
      expect(reply, name).toHaveProperty('fault.faultCode');
      expect((reply as { fault: Fault }).fault.faultCode, name).toEqual(read);
    }
  });

  test.for(['', 'a b', 'ns:a', '1a'])('%j is not written', (bad) => {
    for (const [name, encoding] of ENCODINGS) {
      const { write } = call(encoding);
      expect(() => write({ code: 'Fault', message: '', faultCode: { name: bad } }), name).toThrow(
        new NetTcpError('Internal', `Fail: fault code must be an XML name, not "${bad}"`),
      );
    }
  });
});

test('all of it at once, and an exception with it', () => {
  const fault = {
    code: 'Fault',
    message: 'why',
    faultCode: { name: 'C', namespace: NAMESPACE },
    typed: { type: Problem, value: { Number: 1, Text: 'x' } },
  } as const;
  for (const [name, encoding] of ENCODINGS) {
    expect(carried(encoding, fault), name).toEqual({ kind: 'fault', id: 7, fault });
  }
});
