import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import { mutations } from '../binary-xml/mutations.ts';
import { octets } from '../binary-xml/octets.ts';
import { codecs, messages, originals, receive, serve } from './fuzz-target.ts';
import { buffered, streamed } from './messages.ts';

// A busy machine may take long; a reader that hangs takes longer.
vi.setConfig({ testTimeout: 60_000 });
// Most cases end in an error; without their stacks it takes a third of the time.
Error.stackTraceLimit = 0;

test('any bytes are a request, an answer or a NetTcpError', () => {
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

test.each([buffered, streamed])(
  'any mutation of a message contract is one, or a fault, or a NetTcpError (content type $contentType)',
  (encoding) => {
    for (const { operation, request, answer } of messages(encoding)) {
      for (const payload of mutations(request, 4_000, 4)) serve(encoding, payload);
      for (const payload of mutations(answer, 4_000, 5)) receive(encoding, payload, operation);
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
