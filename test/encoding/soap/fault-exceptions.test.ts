// Faults that an operation raises with codes and details: written as .NET writes them, and read back.
import { describe, expect, test } from 'vitest';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import * as t from '../../../shared/contract/types/types.ts';
import type { Fault, Reply } from '../../../shared/encoding/encoding.ts';
import { dump } from '../binary-xml/octets.ts';
import { ADDRESS, CALL, GUID, operationOf, streamed, written, xmlOf } from './messages.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';

const NAMESPACE = 'http://example.org/echo';
const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
const Problem = t.object('Problem', { Number: t.int, Text: t.nillable(t.string) }, NAMESPACE);
const Undeclared = t.object('Undeclared', { A: t.int }, NAMESPACE);
const contract = defineContract({
  name: 'IEcho',
  namespace: NAMESPACE,
  operations: {
    Fail: operation([], t.string, {
      faults: [t.string, t.int, Problem, t.array(t.string), t.nillable(t.guid)],
    }),
  },
});
const FAIL = operationOf(contract, 'Fail');
const [, , , arrayOfText, nillableGuid] = FAIL.faults.map(({ type }) => type);
const options = { contract, limits: DEFAULT_LIMITS, address: ADDRESS };
/** The written names: no string table is needed to read them. */
const service = streamed.service(options);

/** A fault as it answers a call, and what the caller reads. */
function wireOf(fault: Partial<Fault>): Uint8Array {
  const request = written((out) => streamed.client(options).writeRequest(out, CALL, FAIL, []));
  const { id } = service.readRequest(request, 0, request.length);
  const message = { code: 'Fault', message: 'why', ...fault } as const;
  return written((out) => service.writeFault(out, id ?? '', message, FAIL));
}

function readBack(wire: Uint8Array): Reply | undefined {
  const client = streamed.client(options);
  written((out) => client.writeRequest(out, CALL, FAIL, []));
  return client.readReply(wire, 0, wire.length, () => FAIL);
}

const action = (xml: string): string | undefined => /<a:Action[^>]*>([^<]*)</.exec(xml)?.[1];
/** What is in that element, without the indentation. */
const inside = (xml: string, name: string): string | undefined =>
  new RegExp(`<s:${name}>(.*)</s:${name}>`).exec(xml.replaceAll(/>\s+</g, '><'))?.[1];

describe('a detail', () => {
  // What DataContractSerializer writes, and the action that FaultContract gives it.
  test.each<readonly [string, t.ValueType, unknown, string, string]>([
    [
      'text',
      t.string,
      'detail text',
      'StringFault',
      '<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">detail text</string>',
    ],
    [
      'a number',
      t.int,
      7,
      'Int32Fault',
      '<int xmlns="http://schemas.microsoft.com/2003/10/Serialization/">7</int>',
    ],
    [
      'a data contract',
      Problem,
      { Number: 42, Text: 'x' },
      'ProblemFault',
      `<Problem xmlns="${NAMESPACE}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Number>42</Number><Text>x</Text></Problem>`,
    ],
    [
      'a data contract with nil',
      Problem,
      { Number: 0, Text: null },
      'ProblemFault',
      `<Problem xmlns="${NAMESPACE}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Number>0</Number><Text i:nil="true"/></Problem>`,
    ],
    [
      'an array',
      arrayOfText as t.ValueType,
      ['a', 'b'],
      'ArrayOfStringFault',
      '<ArrayOfstring xmlns="http://schemas.microsoft.com/2003/10/Serialization/Arrays" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><string>a</string><string>b</string></ArrayOfstring>',
    ],
    [
      'a guid that may be nil',
      nillableGuid as t.ValueType,
      GUID,
      'GuidFault',
      `<guid xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${GUID}</guid>`,
    ],
  ])('that is %s', (_what, type, value, name, expected) => {
    const wire = wireOf({ typed: { type, value } });
    const xml = xmlOf(wire);
    expect(action(xml)).toBe(`${NAMESPACE}/IEcho/Fail${name}`);
    expect(inside(xml, 'Detail')).toBe(expected);
    expect(readBack(wire)).toMatchObject({
      kind: 'fault',
      fault: { code: 'Fault', message: 'why', typed: { type, value } },
    });
  });

  test('of a type that the operation does not declare is sent, and not read', () => {
    const wire = wireOf({ typed: { type: Undeclared, value: { A: 1 } } });
    const xml = xmlOf(wire);
    expect(action(xml)).toBe('http://www.w3.org/2005/08/addressing/soap/fault');
    expect(inside(xml, 'Detail')).toContain('<Undeclared');
    expect(readBack(wire)).toMatchObject({ fault: { message: 'why' } });
    expect(readBack(wire)).not.toHaveProperty('fault.typed');
  });

  test('that is not what the contract says is none, as in WCF', () => {
    const Liar = t.object('Problem', { Number: t.string }, NAMESPACE);
    const wire = wireOf({ typed: { type: Liar, value: { Number: 'many' } } });
    expect(readBack(wire)).toMatchObject({
      kind: 'fault',
      fault: { code: 'Fault', message: 'why' },
    });
    expect(readBack(wire)).not.toHaveProperty('fault.typed');
  });

  test('that is not of its type writes nothing', () => {
    const bad = {
      code: 'Fault',
      message: 'why',
      typed: { type: Problem, value: { Number: 'x' } },
    } as const;
    const left = written((out) => {
      expect(() => service.writeFault(out, '', bad, FAIL)).toThrow(
        expect.objectContaining({
          code: 'Internal',
          message: 'Fail: fault detail.Number must be an int (-2147483648 to 2147483647), not "x"',
        }),
      );
    });
    expect(dump(left)).toBe('');
  });
});

describe('a code', () => {
  test.each<readonly [string, NonNullable<Fault['faultCode']>, string]>([
    ["one of SOAP's", { name: 'Receiver' }, '<s:Value>s:Receiver</s:Value>'],
    [
      'one of its own',
      { name: 'Custom', namespace: NAMESPACE },
      `<s:Value xmlns:a="${NAMESPACE}">a:Custom</s:Value>`,
    ],
    [
      'a subcode and one below',
      {
        name: 'Sender',
        subcode: {
          name: 'Narrow',
          namespace: NAMESPACE,
          subcode: { name: 'Narrower', namespace: 'urn:x' },
        },
      },
      `<s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:a="${NAMESPACE}">a:Narrow</s:Value><s:Subcode><s:Value xmlns:a="urn:x">a:Narrower</s:Value></s:Subcode></s:Subcode>`,
    ],
  ])('that is %s', (_what, faultCode, expected) => {
    const wire = wireOf({ faultCode });
    expect(inside(xmlOf(wire), 'Code')).toBe(expected);
    const namespaced = { namespace: SOAP, ...faultCode };
    expect(readBack(wire)).toMatchObject({ fault: { code: 'Fault', faultCode: namespaced } });
  });

  test.each(['', 'a:b', '1', 'a b'])('cannot be %j', (name) => {
    expect(() => wireOf({ faultCode: { name } })).toThrow(
      expect.objectContaining({ code: 'Internal' }),
    );
  });
});

test('an exception and what caused it', () => {
  const detail = 'E: outer\n    at f\n ---> F: inner\n    at g\n ---> G: innermost';
  const wire = wireOf({ message: 'outer', detail, unhandled: true });
  const xml = xmlOf(wire);
  expect(xml.match(/<InnerException[ >]/g)).toHaveLength(3);
  expect(xml).toContain('<Message>innermost</Message>');
  expect(readBack(wire)).toMatchObject({ fault: { message: 'outer', detail } });
});
