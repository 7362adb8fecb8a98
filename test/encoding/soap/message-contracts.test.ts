// Messages that are no list of parameters: .NET's [MessageContract].
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type Contract,
  defineContract,
  type Implementation,
  oneWay,
  operation,
  type Operations,
} from '../../../shared/contract/contract.ts';
import { header } from '../../../shared/contract/header.ts';
import { message } from '../../../shared/contract/message.ts';
import type { OperationDefinition } from '../../../shared/contract/operation.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { msgpack } from '../../../shared/encoding/msgpack/msgpack.ts';
import { createSoap, soapBuffered } from '../../../shared/encoding/soap/soap.ts';
import type { OnUnknown } from '../../../shared/encoding/unknown.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { envelopesOf, idOf } from './connections.ts';
import { operationOf, streamed, written } from './messages.ts';

const namespace = 'http://example.org/shop';
const Customer = t.object('Customer', { Id: t.int, Name: t.nillable(t.string) }, namespace);
const UploadRequest = message({
  headers: { FileName: t.string, Owner: Customer },
  body: { Size: t.int, Text: t.string },
});
const UploadReply = message({
  name: 'UploadReply',
  headers: { Id: t.string },
  body: { Ok: t.boolean },
});
const Bare = message({ wrapped: false, body: { Customer } });
const IMsg = defineContract({
  name: 'IMsg',
  namespace,
  operations: { Upload: operation(UploadRequest, UploadReply), Bare: operation(Bare, Bare) },
});
const owner = { Id: 1, Name: 'Ann' };
const upload = { FileName: 'f', Owner: owner, Size: 3, Text: 't' };

describe('as WCF sends them, byte for byte', () => {
  const envelopes = envelopesOf('dotnet-shop');
  const address = 'net.tcp://localhost:9310/msg';

  test.for([
    ['msgWrapped', 'Upload', upload, { Id: 'f/Ann', Ok: true }],
    ['msgBare', 'Bare', { Customer: owner }, { Customer: owner }],
  ] as const)('%s', ([capture, name, asked, answered]) => {
    const [[request = ''], [reply = '']] = [
      envelopes(capture, 'client'),
      envelopes(capture, 'service'),
    ];
    const [session, id] = idOf(request, '441aad');
    const soap = createSoap('buffered', () => session);
    const at = { contract: IMsg, limits: DEFAULT_LIMITS, address };
    const [client, service] = [soap.client(at), soap.service(at)];
    const of = operationOf(IMsg, name);
    expect(hex(written((out) => client.writeRequest(out, id, of, [asked])))).toBe(request);
    const read = service.readRequest(octets(request), 0, request.length / 2);
    expect(read).toMatchObject({ kind: 'call', operation: of, args: [asked] });
    expect(hex(written((out) => service.writeResult(out, read.id ?? '', of, answered)))).toBe(
      reply,
    );
    expect(client.readReply(octets(reply), 0, reply.length / 2, () => of)).toMatchObject({
      kind: 'result',
      value: answered,
    });
  });
});

test('callers and implementations see one object', () => {
  expectTypeOf<Parameters<Operations<typeof IMsg>['Upload']>[0]>().toEqualTypeOf<{
    FileName: string;
    Owner: { Id: number; Name: string | null };
    Size: number;
    Text: string;
  }>();
  expectTypeOf<ReturnType<Operations<typeof IMsg>['Upload']>>().toEqualTypeOf<
    Promise<{ Id: string; Ok: boolean }>
  >();
  const Optional = message({
    headers: { A: header('B', t.int), C: t.optional(t.int) },
    body: { D: { type: t.long, name: 'E' } },
  });
  const one = defineContract({ name: 'I', operations: { Op: oneWay(Optional) } });
  expectTypeOf<Parameters<Implementation<typeof one>['Op']>[0]>().toEqualTypeOf<{
    A: number;
    C?: number;
    D: bigint;
  }>();
});

/** What the service gets of a request with `sent`, and the client of the same as an answer. */
function echo(
  of: ReturnType<typeof message>,
  sent: unknown,
  there: ReturnType<typeof message> = of,
  onUnknown?: OnUnknown,
): readonly [unknown, unknown] {
  const make = (one: ReturnType<typeof message>): Contract =>
    defineContract({ name: 'I', operations: { Op: operation(one, one) } });
  const [ours, theirs] = [make(of), make(there)];
  const at = { limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x', onUnknown };
  const client = streamed.client({ ...at, contract: ours });
  const service = streamed.service({ ...at, contract: theirs });
  const call = written((out) => client.writeRequest(out, 1, operationOf(ours, 'Op'), [sent]));
  const request = service.readRequest(call, 0, call.length);
  if (request.kind !== 'call') throw new Error(request.fault.message);
  const answer = written((out) =>
    streamed
      .service({ ...at, contract: ours })
      .writeResult(out, request.id, operationOf(ours, 'Op'), sent),
  );
  const reader = streamed.client({ ...at, contract: theirs });
  written((out) => reader.writeRequest(out, 1, operationOf(theirs, 'Op'), [request.args[0]]));
  const reply = reader.readReply(answer, 0, answer.length, () => operationOf(theirs, 'Op'));
  if (reply?.kind !== 'result') {
    throw new Error(reply?.kind === 'fault' ? reply.fault.message : 'no result');
  }
  return [request.args[0], reply.value];
}

const wide = {
  headers: {
    H: header('Other', t.string, { namespace: 'urn:h', mustUnderstand: true }),
    O: t.optional(t.int),
    N: t.nillable(Customer),
  },
  body: {
    A: { type: t.int, name: 'a', namespace: 'urn:a' },
    B: t.array(t.string),
    C: t.optional(t.string),
    X: t.nillable(t.xml),
  },
};
const all = { H: 'h', O: 1, N: owner, A: 2, B: ['b'], C: 'c', X: '<x/>' };
const least = { H: '', N: null, A: 0, B: [], X: null };

describe.for([true, false])('wrapped: %s', (wrapped) => {
  const Wide = message({ ...wide, wrapped });

  test.for([
    ['all members', all],
    ['the least', least],
  ])('%s', ([, value]) => {
    expect(echo(Wide, value)).toEqual([value, value]);
  });

  test('nothing at all', () => {
    expect(echo(message({ wrapped }), {})).toEqual([{}, {}]);
  });

  test('what is missing has .NET’s default', () => {
    const { headers, body } = wide;
    const less = message({ wrapped, headers: { H: headers.H }, body: { A: body.A } });
    const due = { H: 'h', N: null, A: 1, B: [], X: null };
    expect(echo(less, { H: 'h', A: 1 }, Wide)).toEqual([due, due]);
    const needy = message({ wrapped, headers: { R: t.required(t.int) } });
    expect(() => echo(message({ wrapped }), {}, needy)).toThrow('Message.R is missing');
  });

  test('what the contract does not have is passed over, and reported', () => {
    const told: string[] = [];
    const less = message({ wrapped, headers: wide.headers, body: { B: wide.body.B } });
    const due = { H: 'h', O: 1, N: owner, B: ['b'] };
    const got = echo(Wide, all, less, (of, _, parts) =>
      told.push(...parts.map(({ what, name }) => `${of}: ${what} ${JSON.stringify(name)}`)),
    );
    expect(got).toEqual([due, due]);
    expect(told.map((each) => each.replace(/ .*/, ''))).toEqual(
      ['request:', 'request:', 'request:', 'answer:', 'answer:', 'answer:'].slice(0, told.length),
    );
    expect(told.length).toBe(6);
  });

  test.for<readonly [unknown, string]>([
    [null, 'must be an object (message), not null'],
    [{ ...all, A: 'x' }, '.A must be an int'],
    [{ ...all, H: 1 }, '.H must be a string'],
    [{ ...all, N: {} }, '.N.Id must be an int'],
  ])('%j cannot be written', ([value, why]) => {
    const contract = defineContract({ name: 'I', operations: { Op: operation(Wide, Wide) } });
    const at = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
    const of = operationOf(contract, 'Op');
    const dot = why.startsWith('.') ? '' : ' ';
    expect(() =>
      written((out) => soapBuffered.client(at).writeRequest(out, 1, of, [value])),
    ).toThrow(`Op: message${dot}${why}`);
    expect(() => written((out) => soapBuffered.service(at).writeResult(out, 1, of, value))).toThrow(
      `Op: result${dot}${why}`,
    );
  });
});

test('headers that have to be understood are refused where no member has them', () => {
  const Wide = message(wide);
  expect(() => echo(Wide, all, message({ body: wide.body }))).toThrow(
    "The header 'Other' from the namespace 'urn:h' was not understood",
  );
});

test('another element around the body', () => {
  const Other = message({ name: 'Other' });
  expect(() => echo(Other, {}, message({}))).toThrow(
    "Expected to find node type 'Element' with name 'Op' and namespace 'http://tempuri.org/'. Found node type 'Element' with name 'Other'",
  );
});

test.for([
  [
    'a member twice',
    () => message({ headers: { A: t.int }, body: { A: t.int } }),
    'A cannot be a header and in the body, too',
  ],
  [
    'a stream with another',
    () => message({ body: { A: t.int, S: t.stream } }),
    'a stream must be the only member of its body',
  ],
  [
    'a stream with names of XmlSerializer',
    () => message({ body: { S: t.element(t.stream, { name: 'x' }) } }),
    'S must be a stream without types.element',
  ],
  [
    'a name',
    () => defineContract({ name: 'I', operations: { Op: operation(message({ name: 'a b' })) } }),
    '"a b" cannot be a name',
  ],
] as const)('%s is refused', ([, define, why]) => {
  expect(define).toThrow(why);
});

test('MessagePack has no messages', () => {
  const Callback = defineContract({ name: 'C', operations: { Tell: oneWay(Bare) } });
  const contract = defineContract({
    name: 'I',
    operations: { Op: operation(Bare) as OperationDefinition },
    callback: Callback,
  });
  const at = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const told = operationOf(contract.callback as Contract, 'Tell');
  const due = ': SOAP alone carries it';
  expect(() =>
    written((out) => msgpack.client(at).writeRequest(out, 1, operationOf(contract, 'Op'), [{}])),
  ).toThrow(`operation Op has a message contract${due}`);
  expect(() =>
    written((out) => msgpack.service(at).calls.writeRequest(out, 1, told, [{}])),
  ).toThrow(`operation Tell has a message contract${due}`);
  const request = octets('94 00 01 a2 4f70 90');
  expect(msgpack.service(at).readRequest(request, 0, request.length)).toMatchObject({
    kind: 'refused',
    fault: {
      message: expect.stringContaining(
        'has a message contract, which MessagePack does not carry',
      ) as string,
    },
  });
});
