import { afterEach, expect, test, vi } from 'vitest';
import { ICalculator } from '../../../../shared/contract/calculator.ts';
import { BinaryXmlReader } from '../../../../shared/encoding/binary-xml/reader.ts';
import { TEXT } from '../../../../shared/encoding/binary-xml/records.ts';
import { BinaryXmlWriter } from '../../../../shared/encoding/binary-xml/writer.ts';
import { END } from '../../../../shared/encoding/binary-xml/text-record-writer.ts';
import { SeenHeaders } from '../../../../shared/encoding/soap/headers/seen-headers.ts';
import { NetTcpError } from '../../../../shared/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../../shared/limits.ts';
import { mutations } from '../../binary-xml/mutations.ts';
import {
  addRequest,
  buffered,
  GUID,
  type MessageParts,
  operationOf,
  options,
  streamed,
  written,
} from '../messages.ts';

const add = operationOf(ICalculator, 'Add');
const subtract = operationOf(ICalculator, 'Subtract');

afterEach(() => {
  vi.restoreAllMocks();
});

/** The requests of one session of a client; the first has the string table. */
function requests(...ids: readonly number[]): Uint8Array[] {
  const client = buffered.client(options());
  return ids.map((id) => written((out) => client.writeRequest(out, id, add, [id, 15.99])));
}

/** What a service makes of the last of these messages. */
function outcome(messages: readonly Uint8Array[], limits: Limits = DEFAULT_LIMITS): string {
  const service = buffered.service(options(ICalculator, limits));
  const last = messages.length - 1;
  for (const payload of messages.slice(0, last)) service.readRequest(payload, 0, payload.length);
  const payload = messages[last] ?? new Uint8Array(0);
  try {
    // Somewhere in the memory of a socket.
    const read = new Uint8Array([0x56, ...payload, 0x56]);
    const request = service.readRequest(read, 1, 1 + payload.length);
    return JSON.stringify(request, (key, value: unknown) => (key === 'operation' ? 0 : value));
  } catch (error) {
    return error instanceof NetTcpError ? `${error.code}: ${error.message}` : String(error);
  }
}

/** The same, from a service that reads every Header anew. */
function outcomeReadAnew(messages: readonly Uint8Array[], limits?: Limits): string {
  const recall = vi.spyOn(SeenHeaders.prototype, 'recall').mockReturnValue(false);
  try {
    return outcome(messages, limits);
  } finally {
    recall.mockRestore();
  }
}

/** Whether the Header of the last message is remembered. */
function isRecalled(messages: readonly Uint8Array[]): boolean {
  const recall = vi.spyOn(SeenHeaders.prototype, 'recall');
  outcome(messages);
  return recall.mock.results.at(-1)?.value === true;
}

test('a Header comes back with the id of its own message', () => {
  const messages = requests(1, 2, 3);
  expect(isRecalled(messages)).toBe(true);
  expect(JSON.parse(outcome(messages))).toMatchObject({ kind: 'call', args: [3, 15.99] });
  expect(outcome(messages)).toBe(outcomeReadAnew(messages));
  expect(outcome(messages)).not.toBe(outcome(requests(1, 2, 4)));
});

test('a client knows the Headers of its answers', () => {
  const client = buffered.client(options());
  const service = buffered.service(options());
  const recall = vi.spyOn(SeenHeaders.prototype, 'recall');
  for (const id of [7, 8, 9]) {
    const request = written((out) => client.writeRequest(out, id, add, [id, 1]));
    const read = service.readRequest(request, 0, request.length);
    if (read.kind !== 'call') throw new Error('refused');
    const answer = written((out) => service.writeResult(out, read.id, add, id + 1));
    const reply = client.readReply(answer, 0, answer.length, () => add);
    expect(reply).toEqual({ kind: 'result', id, value: id + 1 });
    expect(recall.mock.results.map(({ value }) => value as boolean)).toEqual(
      id === 7 ? [false, false] : [true, true],
    );
    recall.mockClear();
  }
});

test.each<readonly [string, boolean, readonly Uint8Array[]]>([
  ['the same again', true, twice(withGuid())],
  ['no id', true, twice(addRequest({ messageId: undefined }))],
  ['an id as text', false, twice(addRequest())],
  ['another action', false, [withGuid(), withGuid({ action: 'urn:x' })]],
  ['another To', false, [withGuid(), withGuid({ to: 'net.tcp://localhost:9000/x' })]],
  ['a header of the application', false, twice(withGuid({ headers: own }))],
  ['a header more', false, [withGuid(), withGuid({ headers: own })]],
  ['a header twice', false, twice(withGuid({ headers: anotherTo }))],
  ['an id and another', false, twice(withGuid({ relatesTo: `urn:uuid:${GUID}` }))],
  ['a long To', false, twice(withGuid({ to: `net.tcp://h/${'x'.repeat(500)}` }))],
])('%s: remembered is %s, and nothing is read otherwise', (_, isSeen, messages) => {
  expect(outcome(messages)).toBe(outcomeReadAnew(messages));
  expect(isRecalled(messages)).toBe(isSeen);
});

test('a service of several operations remembers each', () => {
  const client = buffered.client(options());
  const service = buffered.service(options());
  const recall = vi.spyOn(SeenHeaders.prototype, 'recall');
  for (const [index, operation] of [add, subtract, add, subtract].entries()) {
    const request = written((out) => client.writeRequest(out, index, operation, [index, 1]));
    expect(service.readRequest(request, 0, request.length)).toMatchObject({ operation });
  }
  expect(recall.mock.results.map(({ value }) => value as boolean)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('only a few are kept', () => {
  const others = Array.from({ length: 4 }, (_, index) => withGuid({ action: `urn:${index}` }));
  expect(isRecalled([withGuid(), ...others.slice(1), withGuid()])).toBe(true);
  expect(isRecalled([withGuid(), ...others, withGuid()])).toBe(false);
});

test('each message of streamed mode has a reader of its own', () => {
  const payload = addRequest({}, false);
  const service = streamed.service(options());
  expect(service.readRequest(payload, 0, payload.length)).toMatchObject({ kind: 'call' });
});

test('whatever is changed, a remembered Header is read as one that is read anew', () => {
  const messages = requests(1, 2, 3);
  const last = messages[2] ?? new Uint8Array(0);
  const before = messages.slice(0, 2);
  const changed = [...mutations(last, 2_000, 15)];
  for (let at = 0; at < last.length; at++) {
    changed.push(last.subarray(0, at));
    for (const flip of [1, 2, 0x80]) {
      changed.push(last.map((octet, index) => (index === at ? octet ^ flip : octet)));
    }
  }
  for (const payload of changed) {
    expect(outcome([...before, payload])).toBe(outcomeReadAnew([...before, payload]));
  }
});

test.each(['maxXmlNodes', 'maxXmlReferenceChars', 'maxDepth'] as const)(
  '%s counts a Header that is remembered as one that is read',
  (name) => {
    const messages = requests(1, 2);
    let refused = 0;
    for (let limit = 1; limit < 300; limit++) {
      const limits = { ...DEFAULT_LIMITS, [name]: limit };
      const first = outcome(messages.slice(0, 1), limits);
      if (first.startsWith('{')) {
        expect(outcome(messages, limits)).toBe(outcomeReadAnew(messages, limits));
      } else refused += 1;
    }
    expect(refused).toBeGreaterThan(1);
    expect(outcome(messages)).toMatch(/^\{"kind":"call"/);
  },
);

test('a Header in an array is not kept: the reader is in the middle of it', () => {
  const xml = new BinaryXmlWriter();
  xml.element('', 'Envelope');
  xml.array('', 'Header');
  xml.arrayItems(TEXT.int32, 2);
  xml.rawInt32(1);
  xml.rawInt32(2);
  xml.endElement();
  const reader = new BinaryXmlReader(DEFAULT_LIMITS);
  reader.reset(xml.out.toBytes(), 0, xml.out.length);
  for (const kind of ['element', 'element', 'text', 'end']) expect(reader.read()).toBe(kind);
  expect(reader.beginning(0)).toBeUndefined();
  for (const kind of ['element', 'text', 'end']) expect(reader.read()).toBe(kind);
  expect(reader.beginning(0)).toMatchObject({ length: reader.cursor.at });
});

function twice(payload: Uint8Array): Uint8Array[] {
  return [payload, payload];
}

function own(xml: BinaryXmlWriter): void {
  xml.element('', 'own');
  xml.text('x', END);
}

function anotherTo(xml: BinaryXmlWriter): void {
  xml.element('a', 'To');
  xml.text('x', END);
}

/** A request whose id is a record of its own, as that of every WCF client. */
function withGuid(parts: MessageParts = {}): Uint8Array {
  const headers = (xml: BinaryXmlWriter): void => {
    xml.element('a', 'MessageID');
    xml.uniqueId(GUID, END);
    parts.headers?.(xml);
  };
  return addRequest({ ...parts, messageId: undefined, headers });
}
