import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameTable } from '../../../shared/encoding/msgpack/plan.ts';

const encoder = new TextEncoder();

test('finds what a Map finds, in the middle of other bytes', () => {
  const names = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 60 });
  fc.assert(
    fc.property(names, fc.string({ unit: 'binary', maxLength: 6 }), (known, other) => {
      const table = new NameTable(known.map((name) => ({ name })));
      for (const name of [...known, other]) {
        const octets = encoder.encode(`a${name}b`);
        const expected = known.includes(name) ? name : undefined;
        expect(table.find(octets, 1, octets.length - 1)?.name).toBe(expected);
      }
    }),
  );
});

test('tells apart names of the same length, first and last byte', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `G${1_000 + index}X`);
  const table = new NameTable(names.map((name) => ({ name })));
  for (const name of names) {
    const octets = encoder.encode(name);
    expect(table.find(octets, 0, octets.length)?.name).toBe(name);
  }
  expect(table.find(encoder.encode('G999X'), 0, 5)).toBeUndefined();
  expect(table.find(encoder.encode('G2000X'), 0, 6)).toBeUndefined();
});

test('an empty table finds nothing', () => {
  const table = new NameTable([]);
  expect(table.find(encoder.encode('a'), 0, 1)).toBeUndefined();
  expect(table.find(encoder.encode(''), 0, 0)).toBeUndefined();
});
