// Where in its message a stream begins: in the wrapper, in an element of its own namespace there, or as the Body itself.
import { describe, expect, test } from 'vitest';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { message, streamPlace } from '../../../shared/contract/message.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import { ArrivingMessage } from '../../../shared/encoding/streams/arriving-message.ts';
import { ContentWriter } from '../../../shared/encoding/streams/content-writer.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { operationOf, options, written, xmlOf } from '../soap/messages.ts';

const namespace = 'urn:f';
const IFiles = defineContract({
  name: 'IFiles',
  namespace,
  operations: {
    Plain: operation([['data', t.stream]]),
    Bare: operation(message({ wrapped: false, body: { Data: t.stream } })),
    Moved: operation(message({ body: { Data: { type: t.stream, namespace: 'urn:g' } } })),
    Other: operation([['text', t.string]]),
  },
});
const streamed = createSoap('streamed');
const [service, client] = [streamed.service(options(IFiles)), streamed.client(options(IFiles))];
const PLACES = ['Plain', 'Bare', 'Moved'].map((name) =>
  streamPlace(operationOf(IFiles, name).request),
);

/** A request up to where its stream begins. */
function headOf(name: string): Uint8Array {
  const of = operationOf(IFiles, name);
  const arg = of.request === undefined ? new Uint8Array(0) : { Data: new Uint8Array(0) };
  const whole = written((out) => client.writeRequest(out, 1, of, [arg]));
  return whole.subarray(0, whole.length - streamPlace(of.request).depth);
}

/** A request with a stream of these bytes. */
function requestOf(name: string, content: Uint8Array): Uint8Array {
  const writer = new ContentWriter(streamPlace(operationOf(IFiles, name).request).depth);
  const { head, body, rest } = writer.next(content);
  expect(rest.length).toBe(0);
  return Buffer.concat([headOf(name), head, body, writer.tail()]);
}

/** What arrives: the operation and the bytes, or that it came as a whole. @param pieces bytes of each piece */
function arrive(bytes: Uint8Array, pieces: number): readonly [string, string] {
  const read: string[] = [];
  const content: Uint8Array[] = [];
  const message = new ArrivingMessage(
    DEFAULT_LIMITS,
    {
      onHead(head, end, place) {
        const request = service.readRequestHead?.(head, end, place, 'it');
        if (request === undefined) return undefined;
        if (request.kind !== 'call') throw new Error(request.fault.message);
        const [arg] = request.args as [string | { Data: string }];
        expect(typeof arg === 'string' ? arg : arg.Data).toBe('it');
        read.push(request.operation.name);
        return {
          onBytes: (more) => void content.push(more.slice()),
          onEnd: () => read.push('end'),
        };
      },
      onWhole: () => void read.push('whole'),
    },
    PLACES,
  );
  for (let at = 0; at < bytes.length; at += pieces) {
    message.push(bytes, at, Math.min(bytes.length, at + pieces));
  }
  message.end();
  return [read.join(' '), hex(Buffer.concat(content))];
}

describe.for(['Plain', 'Bare', 'Moved'])('%s', (name) => {
  test.for([1, 2, 7, 100_000])('in pieces of %i bytes', (pieces) => {
    const content = octets('00 01 02 03 04');
    expect(arrive(requestOf(name, content), pieces)).toEqual([`${name} end`, hex(content)]);
    expect(arrive(requestOf(name, new Uint8Array(0)), pieces)).toEqual([`${name} end`, '']);
  });

  test('is told as soon as its stream begins, before any byte of it', () => {
    let isTold = false;
    const head = headOf(name);
    const message = new ArrivingMessage(
      DEFAULT_LIMITS,
      {
        onHead: (bytes, end, place) => {
          isTold = service.readRequestHead?.(bytes, end, place, 'it') !== undefined;
          return isTold ? { onBytes: () => {}, onEnd: () => {} } : undefined;
        },
        onWhole: () => {},
      },
      PLACES,
    );
    message.push(head, 0, head.length - 1);
    expect(isTold).toBe(false);
    message.push(head, head.length - 1, head.length);
    expect(isTold).toBe(true);
  });
});

test('a message without a stream is collected', () => {
  const of = operationOf(IFiles, 'Other');
  const whole = written((out) => client.writeRequest(out, 1, of, ['x']));
  for (const pieces of [1, 5, 1_000]) expect(arrive(whole, pieces)).toEqual(['whole', '']);
});

test('a bare stream is all of the Body, as .NET’s StreamFormatter writes it', () => {
  const xml = xmlOf(requestOf('Bare', octets('61 62 63'))).replaceAll(/\n\s*/g, '');
  expect(xml).toContain('<s:Body><Data xmlns="urn:f">YWJj</Data></s:Body></s:Envelope>');
});

test('another element in its place is refused', () => {
  const there = defineContract({
    name: 'IFiles',
    namespace,
    operations: { Bare: operation(message({ wrapped: false, body: { Other: t.stream } })) },
  });
  const of = operationOf(there, 'Bare');
  const other = streamed.client(options(there));
  const sent = written((out) => other.writeRequest(out, 1, of, [{ Other: octets('61') }]));
  expect(() => arrive(sent, 1_000)).toThrow('must be a stream in an element Data');
});
