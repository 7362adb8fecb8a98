// Not expect(): it takes a member named `constructor` for the object's class.
import assert from 'node:assert/strict';
import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import * as t from '../../../shared/contract/types/types.ts';
import { echo, reply, request, written } from './codecs.ts';
import { plain, typed } from './values.ts';

const packr = new Packr({ useRecords: false, moreTypes: false });

interface Library {
  readonly name: string;
  readonly decode: (octets: Uint8Array) => unknown;
  readonly encode: (value: unknown) => Uint8Array;
}

const libraries: readonly Library[] = [
  {
    name: 'msgpackr',
    decode: (octets) => packr.unpack(octets),
    encode: (value) => new Uint8Array(packr.pack(value)),
  },
  {
    name: '@msgpack/msgpack',
    decode: (octets) => decode(octets, { useBigInt64: true }),
    encode: (value) => encode(value, { useBigInt64: true }),
  },
];

describe.for(libraries)('$name', (library) => {
  test('reads what we write', () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        const codecs = echo(type);
        const operation = codecs.operation('Echo');
        const form = plain(type, value);
        const call = written((out) => codecs.client.writeRequest(out, 5, operation, [value]));
        assert.deepEqual(library.decode(call), [0, 5, 'Echo', [form]]);
        const tell = written((out) =>
          codecs.client.writeRequest(out, 5, codecs.operation('Tell'), [value]),
        );
        assert.deepEqual(library.decode(tell), [2, 'Tell', [form]]);
        const answer = written((out) => codecs.service.writeResult(out, 5, operation, value));
        assert.deepEqual(library.decode(answer), [1, 5, null, form]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('writes what we read', () => {
    fc.assert(
      fc.property(
        typed.filter(({ value }) => !holdsMinusZero(value)),
        ({ type, value }) => {
          const codecs = echo(type);
          const operation = codecs.operation('Echo');
          const form = plain(type, value);
          const call = library.encode([0, 5, 'Echo', [form]]);
          assert.deepEqual(request(codecs, call), {
            kind: 'call',
            id: 5,
            operation,
            args: [value],
          });
          const answer = library.encode([1, 5, null, form]);
          assert.deepEqual(reply(codecs, answer), { kind: 'result', id: 5, value });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('reads our faults, and we read its errors', () => {
    const codecs = echo(t.int);
    const fault = { code: 'Fault', message: 'no', detail: 'at all' } as const;
    const answer = written((out) => codecs.service.writeFault(out, 5, fault));
    expect(library.decode(answer)).toEqual([1, 5, fault, null]);
    expect(reply(codecs, library.encode([1, 5, fault, null]))).toStrictEqual({
      kind: 'fault',
      id: 5,
      fault,
    });
  });

  // Whatever a library can write we take as well-formed, to the last byte, and pass over.
  test('writes nothing that we take for malformed', () => {
    const codecs = echo(t.int);
    const anything = fc.anything({
      withBigInt: false,
      withDate: true,
      withTypedArray: false,
      maxDepth: 4,
      values: [fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)],
    });
    fc.assert(
      fc.property(anything, (value) => {
        const call = library.encode([0, 5, 'Nothing', value]);
        expect(request(codecs, call)).toMatchObject({
          kind: 'refused',
          id: 5,
          fault: { code: 'ActionNotSupported' },
        });
        expect(reply(codecs, library.encode([1, 5, ['error', value], value]))).toMatchObject({
          kind: 'fault',
          id: 5,
        });
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Both libraries write -0 as the integer 0, so it cannot come back from them. */
function holdsMinusZero(value: unknown): boolean {
  if (Object.is(value, -0)) return true;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  const inside = value instanceof Map ? [...value.values()] : Object.values(value);
  return inside.some(holdsMinusZero);
}
