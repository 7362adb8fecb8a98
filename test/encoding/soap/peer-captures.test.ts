// Whole connections of WCF clients (Mono's, .NET's) with Mono's service, as they went over the wire.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import type { ClientCodec, Reply, Request } from '../../../shared/encoding/encoding.ts';
import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import { RecordDecoder } from '../../../shared/framing/decoder.ts';
import type { FramingRecord } from '../../../shared/framing/records.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { IEcho } from '../../fixtures/wcf-contracts.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { written } from './messages.ts';
import { rawText, untrusted } from '../../../shared/printable.ts';

interface Capture {
  readonly scenario: string;
  readonly streamed: boolean;
  /** Hexadecimal: what each side sent. */
  readonly client: string;
  readonly service: string;
}

/** One preamble and what belongs to it. */
interface Session {
  readonly via: string;
  readonly requests: readonly Uint8Array[];
  readonly replies: readonly Uint8Array[];
}

/** Ours in place of the clients' random message ids: 12 bytes, and after them the number of the call. */
const SESSION = '112233445566778899aabbcc';

function capturesOf(client: string): readonly Capture[] {
  const path = `test/interop/captures/${client}-client.json`;
  const file = JSON.parse(readFileSync(path, 'utf8')) as { connections: readonly Capture[] };
  return file.connections.map(withOurIds);
}

/** `a:MessageID` and `a:RelatesTo` with ids of one session: as long as the others, so nothing else changes. */
function withOurIds(capture: Capture): Capture {
  let { client, service } = capture;
  const ids = [...client.matchAll(/441aad([0-9a-f]{32})/g)].map(([, id = '']) => id);
  for (const [index, id] of ids.entries()) {
    const ours = SESSION + index.toString(16).padStart(8, '0');
    client = client.replace(id, ours);
    service = service.replaceAll(id, ours);
  }
  return { ...capture, client, service };
}

/** @param sizes of the pieces in which the bytes arrive, again and again */
function recordsOf(wire: Uint8Array, sizes: readonly number[]): FramingRecord[] {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  const records: FramingRecord[] = [];
  for (let at = 0, turn = 0; at < wire.length; turn++) {
    const size = sizes[turn % sizes.length] ?? wire.length;
    decoder.push(wire.slice(at, at + size));
    at += size;
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      records.push('bytes' in record ? copied(record) : record);
    }
  }
  expect(decoder.atBoundary).toBe(true);
  return records;
}

function copied<R extends FramingRecord & { bytes: Uint8Array; start: number; end: number }>(
  record: R,
): R {
  const bytes = record.bytes.slice(record.start, record.end);
  return { ...record, bytes, start: 0, end: bytes.length };
}

const WHOLE = [Infinity];

function sessionsOf({ client, service }: Capture): readonly Session[] {
  const asked = split(recordsOf(octets(client), WHOLE), 'version');
  const answered = split(recordsOf(octets(service), WHOLE), 'preamble-ack');
  return asked.map((records, index) => ({
    via: rawText(records.find((record) => record.type === 'via')?.via ?? untrusted('')),
    requests: payloadsOf(records),
    replies: payloadsOf(answered[index] ?? []),
  }));
}

function split(records: readonly FramingRecord[], first: FramingRecord['type']): FramingRecord[][] {
  const parts: FramingRecord[][] = [];
  for (const record of records) {
    if (record.type === first) parts.push([]);
    parts.at(-1)?.push(record);
  }
  return parts;
}

function payloadsOf(records: readonly FramingRecord[]): Uint8Array[] {
  return records.flatMap((record) => ('bytes' in record ? [record.bytes] : []));
}

/** A call as our codecs understood it. */
interface Call {
  readonly request: Extract<Request, { kind: 'call' }>;
  /** What our client writes for it, and what was on the wire. */
  readonly ours: string;
  readonly theirs: string;
  readonly reply: Reply | undefined;
}

/** Reads a session's requests as our service and its replies as our client, which has sent the same requests. */
function callsOf({ via, requests, replies }: Session, streamed: boolean): readonly Call[] {
  const contract = via.endsWith('/calculator') ? ICalculator : IEcho;
  const soap = createSoap(streamed ? 'streamed' : 'buffered', () => octets(SESSION));
  const options = { contract, limits: DEFAULT_LIMITS, address: via };
  const [service, client] = [soap.service(options), soap.client(options)];
  const left = [...replies];
  return requests.map((payload) => {
    const request = service.readRequest(payload, 0, payload.length);
    if (request.kind !== 'call') throw new Error(`refused: ${request.fault.message}`);
    const { operation, args } = request;
    const id = Number.parseInt(/441aad[0-9a-f]{24}(.{8})/.exec(hex(payload))?.[1] ?? '0', 16);
    const ours = hex(written((out) => client.writeRequest(out, id, operation, args)));
    const answer = operation.oneWay ? undefined : left.shift();
    const reply = answer && readReply(client, answer, id, request);
    return { request, ours, theirs: hex(payload), reply };
  });
}

function readReply(
  client: ClientCodec,
  payload: Uint8Array,
  id: number,
  { operation }: Call['request'],
): Reply | undefined {
  return client.readReply(payload, 0, payload.length, (each) =>
    each === id ? operation : undefined,
  );
}

describe.each(['mono', 'dotnet'])('captures of the client of %s', (name) => {
  const captures = capturesOf(name);
  const calls = (scenario: string): readonly Call[] =>
    captures
      .filter((capture) => capture.scenario === scenario)
      .flatMap((capture) =>
        sessionsOf(capture).flatMap((session) => callsOf(session, capture.streamed)),
      );

  test('are cut into the same records, however they arrive', () => {
    const streams = captures.flatMap(({ client, service }) => [octets(client), octets(service)]);
    expect(streams.length).toBeGreaterThan(20);
    for (const stream of streams) {
      const whole = recordsOf(stream, WHOLE);
      expect(whole.map(({ type }) => type)).not.toContain('fault');
      for (const size of [1, 2, 3, 64]) expect(recordsOf(stream, [size])).toEqual(whole);
    }
    const sizes = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(fc.constantFrom(...streams), sizes, (stream, cut) => {
      expect(recordsOf(stream, cut)).toEqual(recordsOf(stream, WHOLE));
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('the sample, both ways', () => {
    const seen = calls('sample').map(({ request: { operation, args }, reply }) => [
      operation.name,
      args,
      reply?.kind === 'result' ? reply.value : reply,
    ]);
    const once = [
      ['Add', [100, 15.99], 100 + 15.99],
      ['Subtract', [145, 76.54], 145 - 76.54],
      ['Multiply', [9, 81.25], 9 * 81.25],
      ['Divide', [22, 7], 22 / 7],
    ];
    // .NET's was captured in both modes.
    expect(seen).toEqual(name === 'mono' ? once : [...once, ...once]);
  });

  test('every type comes back as it went', () => {
    const echoed = calls('types').filter(({ request }) =>
      request.operation.name.startsWith('Echo'),
    );
    expect(new Set(echoed.map(({ request }) => request.operation.name)).size).toBe(9);
    for (const { request, reply } of echoed) {
      expect(reply).toMatchObject({ kind: 'result' });
      expect(reply?.kind === 'result' && reply.value).toEqual(request.args[0]);
    }
  });

  test('one-way calls, and faults', () => {
    const [note, ...last] = calls('oneway');
    expect(note).toMatchObject({ request: { operation: { name: 'Note' } }, reply: undefined });
    expect(last.at(-1)?.reply).toMatchObject({ kind: 'result', value: note?.request.args[0] });
    const failed = calls('exceptions').filter(({ request }) => request.args[0] !== 'next');
    expect(failed.map(({ request }) => request.args[0])).toEqual(
      expect.arrayContaining(['plain', 'nested', 'fault', 'subcode', 'object']),
    );
    const replies = failed.filter(({ request }) => request.args[0] !== 'none');
    for (const { reply } of replies) expect(reply).toMatchObject({ kind: 'fault' });
    const object = failed.find(({ request }) => request.args[0] === 'object')?.reply;
    expect(object).toMatchObject({
      fault: {
        faultCode: { name: 'Sender', namespace: '' },
        typed: { value: { Number: 42, Text: 'what went wrong' } },
      },
    });
  });
});

/**
 * Where all parameters are primitive, .NET writes nil with another prefix than elsewhere, and an array as one
 * record. Ours writes them as .NET does in objects: that means the same, but an array leaves a session with
 * another string table.
 */
const isNil = ({ args }: Call['request']): boolean => args.includes(null);
const isArray = ({ args }: Call['request']): boolean => args.some((each) => Array.isArray(each));

test("our client writes what .NET's client wrote, byte for byte", () => {
  const compared: string[] = [];
  for (const capture of capturesOf('dotnet')) {
    for (const session of sessionsOf(capture)) {
      for (const { ours, theirs, request } of callsOf(session, capture.streamed)) {
        if (isArray(request)) break;
        if (isNil(request)) continue;
        expect(ours, `${request.operation.name}(${request.args.join()})`).toBe(theirs);
        compared.push(request.operation.name);
      }
    }
  }
  expect(compared.length).toBeGreaterThan(70);
  expect(new Set(compared).size).toBeGreaterThan(14);
});
