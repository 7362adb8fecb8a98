import assert from 'node:assert/strict';
import { defineContract, type Operation, operation } from '../../../shared/contract/contract.ts';
import { message } from '../../../shared/contract/message.ts';
import { DateTimeOffset } from '../../../shared/contract/types/text/date-time.ts';
import { header } from '../../../shared/contract/header.ts';
import * as t from '../../../shared/contract/types/types.ts';
import type { CodecOptions, MessageEncoding } from '../../../shared/encoding/encoding.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { expectTyped } from '../../helpers/expect-typed.ts';
import { CALL, operationOf, options, written } from './messages.ts';

const Row = t.object('Row', { Id: t.guid, Name: t.nillable(t.string), Price: t.decimal });
const Shape = t.object('Shape', { A: t.int });
const Ring = t.object('Ring', { B: t.int }, { base: Shape, namespace: 'urn:ring' });
interface Node {
  N: Node | null;
}
const Node: t.ValueType<Node> = t.object(
  'Node',
  { N: t.nillable(t.lazy(() => Node)) },
  { reference: true },
);
const node: Node = { N: null };
node.N = node;
const Status = t.enumeration('Status', ['New', 'Paid']);
const parameters = [
  ['a', t.double],
  ['b', t.string],
  ['c', t.array(t.int)],
  ['d', Row],
  ['e', t.base64Binary],
  ['f', t.dateTime],
  ['g', t.array(t.nillable(t.string))],
  ['h', t.unsignedLong],
  ['i', t.dictionary(t.string, Status)],
  ['j', t.array(t.flags('Rights', { Read: 1, Write: 2 }), { item: 'Right' })],
  ['l', t.array(t.known(Shape, [Ring]))],
  ['m', Node],
  ['n', t.array(t.any([Shape]))],
  ['o', t.xml],
  ['k', t.object('Odd', { A: t.char, B: t.dateTimeOffset, C: t.version, D: t.optional(t.int) })],
] as const;
const members = {
  headers: { A: t.array(Row), B: header('B', t.int, { namespace: 'urn:b', mustUnderstand: true }) },
  body: { C: Row, D: { type: t.xml, namespace: 'urn:d' }, E: t.required(t.int) },
};
const Sent = message({ name: 'Sent', ...members });
const Bare = message({ wrapped: false, ...members });
/** By XmlSerializer: attributes, text, items with and without an element around them, derived classes. */
const Label = t.object('Label', { Lang: t.attribute(t.optional(t.string)), Text: t.text(t.int) });
const Tag = t.object('Tag', { C: t.attribute(t.base64Binary) }, { base: Shape });
const Marked = t.object('Marked', {
  Id: t.attribute(t.array(t.int), { namespace: 'urn:id' }),
  Labels: t.elements(Label),
  Others: t.array(t.nillable(Label), { item: 'Other' }),
  Shape: t.known(Shape, [Tag]),
  Any: t.array(t.any([Shape])),
  Bare: t.element(t.nillable(t.dateTime), { namespace: '', nil: true }),
  Status: t.optional(Status),
});
const marked = {
  Id: [1, 2],
  Labels: [{ Lang: 'en', Text: 1 }, { Text: 2 }],
  Others: [{ Text: 3 }, null],
  Shape: { $type: 'Tag', A: 1, C: Uint8Array.of(1) },
  Any: [1, 'x', { $type: 'Shape', A: 1 }],
  Bare: new Date(0),
  Status: 'Paid',
};
/** What the service calls at its client. */
const IStoreCallback = defineContract({
  name: 'IStoreCallback',
  operations: { Told: operation(parameters, t.array(Row)) },
});
const contract = defineContract({
  name: 'IStore',
  callback: IStoreCallback,
  operations: {
    Put: operation(parameters, t.array(Row)),
    Send: operation(Sent, Sent),
    Bare: operation(Bare, Bare),
    Marked: operation([['marked', Marked]], Marked, { format: 'xmlSerializer' }),
  },
});
const H = header('H', t.array(Row), { namespace: 'urn:h' });
const put = operationOf(contract, 'Put');
const told = operationOf(contract.callback ?? IStoreCallback, 'Told');
const row = { Id: '11223344-5566-7788-99aa-bbccddeeff00', Name: null, Price: '15.99' };
const HEADERS = [H.of([row])];
const odd = { A: 'x', B: new DateTimeOffset(new Date(0), 60), C: '1.2', D: 1 };
const args = [
  1.5,
  'text',
  [1, 2],
  row,
  Uint8Array.of(1, 2),
  new Date(0),
  ['x', null],
  5n,
  new Map([['a', 'New']]),
  [3],
  [{ $type: 'Ring', A: 1, B: 2 }],
  node,
  [1, 'x', { $type: 'Shape', A: 1 }],
  '<p:a b="1" xmlns:p="urn:p">t<c/><!--n--></p:a>',
  odd,
];
export const codecs: CodecOptions = options(contract);

/** A request, a result, two faults of a first message and a callback: what the mutations begin with. */
export function originals(encoding: MessageEncoding): {
  request: Uint8Array;
  answers: Uint8Array[];
} {
  const request = written((out) =>
    encoding.client(codecs).writeRequest(out, CALL, put, args, HEADERS),
  );
  const service = encoding.service(codecs);
  const id = service.readRequest(request, 0, request.length).id ?? '';
  const fault = {
    code: 'Fault',
    message: 'boom',
    detail: 'Error: boom\n    at f',
    unhandled: true,
  } as const;
  const unknown = { code: 'ActionNotSupported', message: 'no' } as const;
  return {
    request,
    answers: [
      written((out) => service.writeResult(out, id, put, [row, row], HEADERS)),
      written((out) => encoding.service(codecs).writeFault(out, id, fault)),
      written((out) => encoding.service(codecs).writeFault(out, id, unknown)),
      written((out) => encoding.service(codecs).calls.writeRequest(out, CALL, told, args)),
    ],
  };
}

/** Message contracts, and a body by XmlSerializer: a request and an answer of each. */
export function messages(
  encoding: MessageEncoding,
): readonly { operation: Operation; request: Uint8Array; answer: Uint8Array }[] {
  return ['Send', 'Bare', 'Marked'].map((name) => {
    const of = operationOf(contract, name);
    const message = { A: [row], B: 1, C: row, D: '<d/>', E: 2 };
    const value = name === 'Marked' ? marked : message;
    const request = written((to) =>
      encoding.client(codecs).writeRequest(to, CALL, of, [value], HEADERS),
    );
    const service = encoding.service(codecs);
    const id = service.readRequest(request, 0, request.length).id ?? '';
    const answer = written((to) => service.writeResult(to, id, of, value, HEADERS));
    return { operation: of, request, answer };
  });
}

const out = new OctetWriter();

/** Reads a request, or the answer to a callback, and, as a dispatcher would, writes the fault that it is refused with. */
export function serve(encoding: MessageEncoding, payload: Uint8Array): void {
  const service = encoding.service(codecs);
  expectTyped(() => {
    const request = service.readDuplex(payload, 0, payload.length, () => told);
    if (request.kind === 'answer') return;
    if (request.kind === 'call') {
      assert.equal(request.args.length, request.operation.parameters.length);
      expectTyped(() => request.headers?.get(H), ['Fault']);
    } else if (request.id !== undefined) {
      out.clear();
      service.writeFault(out, request.id, request.fault);
      service.endsSession(request.fault);
    }
  });
}

/** Reads an answer or a callback, as a channel would, and refuses what cannot be called. @param of what was called */
export function receive(encoding: MessageEncoding, payload: Uint8Array, of = put): void {
  const client = encoding.client(codecs);
  expectTyped(() => {
    const read = client.readReply(payload, 0, payload.length, () => of);
    if (read !== undefined && 'headers' in read) read.headers?.get(H);
    if (read?.kind !== 'callback') return;
    const { request } = read;
    if (request.kind === 'call') assert.equal(request.args.length, args.length);
    else if (request.id !== undefined) {
      out.clear();
      client.answers.writeFault(out, request.id, request.fault);
    }
  });
}
