import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import * as t from '../../../shared/contract/types.ts';
import type { CodecOptions, MessageEncoding } from '../../../shared/encoding/encoding.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { mutations } from '../binary-xml/mutations.ts';
import { octets } from '../binary-xml/octets.ts';
import { buffered, CALL, operationOf, options, streamed, written } from './messages.ts';

// A busy machine may take long; a reader that hangs takes longer.
vi.setConfig({ testTimeout: 60_000 });
// Most cases end in an error; without their stacks it takes a third of the time.
Error.stackTraceLimit = 0;

const Row = t.object('Row', { Id: t.guid, Name: t.nillable(t.string), Price: t.decimal });
const contract = defineContract({
  name: 'IStore',
  operations: {
    Put: operation(
      [
        ['a', t.double],
        ['b', t.string],
        ['c', t.array(t.int)],
        ['d', Row],
        ['e', t.base64Binary],
        ['f', t.dateTime],
        ['g', t.array(t.nillable(t.string))],
        ['h', t.unsignedLong],
      ],
      t.array(Row),
    ),
  },
});
const put = operationOf(contract, 'Put');
const row = { Id: '11223344-5566-7788-99aa-bbccddeeff00', Name: null, Price: '15.99' };
const args = [1.5, 'text', [1, 2], row, Uint8Array.of(1, 2), new Date(0), ['x', null], 5n];
const codecs: CodecOptions = options(contract);

/** A request, a result and two faults of a first message: what the mutations begin with. */
function originals(encoding: MessageEncoding): { request: Uint8Array; answers: Uint8Array[] } {
  const request = written((out) => encoding.client(codecs).writeRequest(out, CALL, put, args));
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
      written((out) => service.writeResult(out, id, put, [row, row])),
      written((out) => encoding.service(codecs).writeFault(out, id, fault)),
      written((out) => encoding.service(codecs).writeFault(out, id, unknown)),
    ],
  };
}

const out = new OctetWriter();

/** Reads a request and, as a dispatcher would, writes the fault that it is refused with. */
function serve(encoding: MessageEncoding, payload: Uint8Array): void {
  const service = encoding.service(codecs);
  complainingProperly(() => {
    const request = service.readRequest(payload, 0, payload.length);
    if (request.kind === 'call') expect(request.args).toHaveLength(args.length);
    else if (request.id !== undefined) {
      out.clear();
      service.writeFault(out, request.id, request.fault);
      service.endsSession(request.fault);
    }
  });
}

function receive(encoding: MessageEncoding, payload: Uint8Array): void {
  const client = encoding.client(codecs);
  complainingProperly(() => client.readReply(payload, 0, payload.length, () => put));
}

function complainingProperly(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    expect(['Protocol', 'QuotaExceeded']).toContain(error.code);
  }
}

test('any octets are a request, an answer or a NetTcpError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (payload, hasSession) => {
      const encoding = hasSession ? buffered : streamed;
      serve(encoding, payload);
      receive(encoding, payload);
    }),
    { numRuns: 10_000 },
  );
});

test.each([buffered, streamed])(
  'any mutation of a request is one, or a fault, or a NetTcpError (content type $contentType)',
  (encoding) => {
    const { request } = originals(encoding);
    for (const payload of mutations(request, 25_000, 2)) serve(encoding, payload);
  },
);

test.each([buffered, streamed])(
  'any mutation of an answer is one, or nothing, or a NetTcpError (content type $contentType)',
  (encoding) => {
    const { answers } = originals(encoding);
    for (const answer of answers) {
      for (const payload of mutations(answer, 7_000, 3)) receive(encoding, payload);
    }
  },
);

test('any body is one, or a fault, or a NetTcpError', () => {
  const { request } = originals(streamed);
  const wrapperAt = request.length - 3 - 40;
  const inside = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(inside, (payload) => {
      serve(streamed, Uint8Array.of(...request.subarray(0, wrapperAt), ...payload, 1, 1, 1));
    }),
    { numRuns: 10_000 },
  );
});

test('a bomb of nested headers, parameters or arrays is refused at the limit', () => {
  const envelope = '56 02 0b 01 "s" 04 0b 01 "a" 06';
  const bomb = '40 01 "x" '.repeat(10_000);
  for (const wire of [`${envelope} 56 08 ${bomb}`, `${envelope} 56 0e ${bomb}`, bomb]) {
    const payload = octets(wire);
    const service = streamed.service(codecs);
    const read = (): unknown => {
      const request = service.readRequest(payload, 0, payload.length);
      return request.kind;
    };
    if (wire.includes('56 0e')) expect(read()).toBe('refused');
    else expect(read).toThrow(NetTcpError);
  }
});
