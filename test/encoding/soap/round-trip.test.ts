import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { DateTime, MAX_DATE_TICKS } from '../../../shared/contract/types/text/date-time.ts';
import { formatDecimal } from '../../../shared/contract/types/text/number-text.ts';
import * as t from '../../../shared/contract/types/types.ts';
import type { MessageEncoding } from '../../../shared/encoding/encoding.ts';
import { soapBuffered, soapStreamed } from '../../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS, withLimits } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { ADDRESS, operationOf, options } from './messages.ts';

// A busy machine may take long; a reader that hangs takes longer.
vi.setConfig({ testTimeout: 60_000 });

const Pt = t.object('Pt', { Label: t.nillable(t.string), X: t.double, Y: t.float }, 'urn:points');

const guid = fc.uuid();
const text = fc.string({ unit: 'binary' });
const date = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const decimal = fc
  .record({
    isNegative: fc.boolean(),
    digits: fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }),
    scale: fc.integer({ min: 0, max: 28 }),
  })
  .map(formatDecimal);
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const point = fc.record({
  Label: fc.option(text),
  X: fc.double(),
  Y: fc.float(),
});

const TYPES: readonly (readonly [
  name: string,
  type: t.ValueType,
  values: fc.Arbitrary<unknown>,
])[] = [
  ['double', t.double, fc.double()],
  ['float', t.float, fc.float()],
  ['boolean', t.boolean, fc.boolean()],
  ['string', t.string, text],
  ['byte', t.byte, fc.integer({ min: -0x80, max: 0x7f })],
  ['short', t.short, fc.integer({ min: -0x8000, max: 0x7fff })],
  ['int', t.int, fc.integer()],
  ['long', t.long, long],
  ['unsignedByte', t.unsignedByte, fc.integer({ min: 0, max: 0xff })],
  ['unsignedShort', t.unsignedShort, fc.integer({ min: 0, max: 0xffff })],
  ['unsignedInt', t.unsignedInt, fc.integer({ min: 0, max: 0xffff_ffff })],
  ['unsignedLong', t.unsignedLong, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  ['decimal', t.decimal, decimal],
  ['dateTime', t.dateTime, date],
  ['duration', t.duration, fc.integer()],
  ['guid', t.guid, guid],
  ['base64Binary', t.base64Binary, fc.uint8Array({ maxLength: 300 })],
  ['nillable double', t.nillable(t.double), fc.option(fc.double())],
  ['nillable string', t.nillable(t.string), fc.option(text)],
  ['array of double', t.array(t.double), fc.array(fc.double())],
  ['array of float', t.array(t.float), fc.array(fc.float())],
  ['array of boolean', t.array(t.boolean), fc.array(fc.boolean())],
  ['array of string', t.array(t.string), fc.array(text)],
  ['array of short', t.array(t.short), fc.array(fc.integer({ min: -0x8000, max: 0x7fff }))],
  ['array of int', t.array(t.int), fc.array(fc.integer())],
  ['array of long', t.array(t.long), fc.array(long)],
  ['array of decimal', t.array(t.decimal), fc.array(decimal)],
  ['array of dateTime', t.array(t.dateTime), fc.array(date)],
  ['array of guid', t.array(t.guid), fc.array(guid)],
  ['array of base64Binary', t.array(t.base64Binary), fc.array(fc.uint8Array())],
  ['array of nillable int', t.array(t.nillable(t.int)), fc.array(fc.option(fc.integer()))],
  ['array of arrays', t.array(t.array(t.int)), fc.array(fc.array(fc.integer()))],
  ['object', Pt, point],
  [
    'object in the namespace of the contract',
    t.object(
      'Own',
      { A: t.array(t.int), B: t.array(Pt), C: t.nillable(t.int) },
      'http://tempuri.org/',
    ),
    fc.record({ A: fc.array(fc.integer()), B: fc.array(point), C: fc.option(fc.integer()) }),
  ],
  ['nillable object', t.nillable(Pt), fc.option(point)],
  ['array of objects', t.array(Pt), fc.array(point)],
  [
    'object with objects',
    t.object('Path', { Points: t.array(t.nillable(Pt)), Start: Pt }, 'urn:paths'),
    fc.record({ Points: fc.array(fc.option(point)), Start: point }),
  ],
];

/** Calls an operation that gives its parameter back, through both codecs and all bytes between. */
function echoer(encoding: MessageEncoding, type: t.ValueType): (value: unknown) => unknown {
  const contract = defineContract({
    name: 'IEcho',
    operations: { Echo: operation([['value', type]], type) },
  });
  const echo = operationOf(contract, 'Echo');
  const client = encoding.client(options(contract));
  const service = encoding.service(options(contract));
  const out = new OctetWriter(16);
  let id = 0;
  return (value) => {
    out.clear();
    client.writeRequest(out, ++id, echo, [value]);
    const request = service.readRequest(out.bytes, 0, out.length);
    if (request.kind !== 'call') throw new Error(request.fault.message);
    out.clear();
    service.writeResult(out, request.id, echo, request.args[0]);
    const reply = client.readReply(out.bytes, 0, out.length, () => echo);
    if (reply?.kind !== 'result')
      throw new Error(String(reply?.kind === 'fault' && reply.fault.message));
    expect(reply.id).toBe(id);
    return reply.value;
  };
}

describe.each([soapBuffered, soapStreamed])('content type $contentType', (encoding) => {
  test.each(TYPES)('any %s comes back to the bit', (_name, type, values) => {
    const echo = echoer(encoding, type);
    fc.assert(
      fc.property(values, (value) => {
        expect(echo(value)).toEqual(value);
      }),
    );
  });

  test('a text of a million characters comes back', () => {
    const echo = echoer(encoding, t.string);
    for (const unit of ['x', 'é', '日', '😀']) {
      const value = unit.repeat(1_000_000);
      expect(echo(value) === value).toBe(true);
    }
  });
});

test('a DateTime comes back to the tick, with its kind; one that a Date can be is a Date', () => {
  const echo = echoer(soapBuffered, t.dateTime);
  const ticks = fc.bigInt({ min: 0n, max: MAX_DATE_TICKS });
  fc.assert(
    fc.property(ticks, fc.constantFrom('utc', 'local', 'unspecified'), (count, kind) => {
      const sent = new DateTime(count, kind);
      const { ticks: got, kind: gotKind } = echo(sent) as DateTime;
      const isPlain = kind === 'utc' && count % 10_000n === 0n;
      expect([got, gotKind]).toEqual(isPlain ? [undefined, undefined] : [count, kind]);
      expect(echo(sent)).toEqual(new Date(sent.getTime()));
    }),
  );
  const changed = new DateTime(1n, 'local');
  changed.setTime(5);
  expect(echo(changed)).toMatchObject({ kind: 'local' });
  expect((echo(changed) as Date).getTime()).toBe(5);
});

test('a session goes on when its string tables are full, in both directions', () => {
  const names = Array.from({ length: 40 }, (_, index) => `Operation${index}${'x'.repeat(60)}`);
  const contract = defineContract({
    name: 'IMany',
    operations: Object.fromEntries(
      names.map((name) => [name, operation([['n', t.double]], t.double)]),
    ),
  });
  const client = soapBuffered.client(options(contract));
  const service = soapBuffered.service(options(contract));
  const out = new OctetWriter();
  const sizes: number[] = [];
  for (const [id, name] of [...names, ...names].entries()) {
    const called = operationOf(contract, name);
    out.clear();
    client.writeRequest(out, id, called, [id]);
    sizes.push(out.length);
    const request = service.readRequest(out.bytes, 0, out.length);
    expect(request).toMatchObject({ kind: 'call', operation: { name }, args: [id] });
    out.clear();
    service.writeResult(out, request.id ?? '', called, id);
    expect(client.readReply(out.bytes, 0, out.length, () => called)).toEqual({
      kind: 'result',
      id,
      value: id,
    });
  }
  // The first operation is in the table by its second call, the last never gets there.
  expect(sizes[40]).toBeLessThan(120);
  expect(sizes[79]).toBeGreaterThan(200);
});

test('a peer with a smaller quota than ours ends the session, with the reason', () => {
  const contract = defineContract({ name: 'I', operations: { Go: operation([]) } });
  const out = new OctetWriter();
  soapBuffered.client(options(contract)).writeRequest(out, 0, operationOf(contract, 'Go'), []);
  const strict = soapBuffered.service(options(contract, withLimits({ maxSessionSize: 10 })));
  expect(() => strict.readRequest(out.bytes, 0, out.length)).toThrow(
    expect.objectContaining({ code: 'QuotaExceeded' }),
  );
});

test('the address goes into To as it is, and is not compared by its host', () => {
  const contract = defineContract({ name: 'I', operations: { Go: operation([]) } });
  const out = new OctetWriter();
  const client = soapBuffered.client({
    contract,
    limits: DEFAULT_LIMITS,
    address: ADDRESS.replace('localhost', '[::1]'),
  });
  client.writeRequest(out, 0, operationOf(contract, 'Go'), []);
  const service = soapBuffered.service(options(contract));
  expect(service.readRequest(out.bytes, 0, out.length)).toMatchObject({ kind: 'call' });
});

test('the default port of net.tcp is 808', () => {
  const contract = defineContract({ name: 'I', operations: { Go: operation([]) } });
  const out = new OctetWriter();
  const client = soapBuffered.client({
    contract,
    limits: DEFAULT_LIMITS,
    address: 'net.tcp://a/x',
  });
  client.writeRequest(out, 0, operationOf(contract, 'Go'), []);
  const service = soapBuffered.service({
    contract,
    limits: DEFAULT_LIMITS,
    address: 'net.tcp://b:808/X/',
  });
  expect(service.readRequest(out.bytes, 0, out.length)).toMatchObject({ kind: 'call' });
});
