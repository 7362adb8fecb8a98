import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixTable } from '../shared/prefix-table.ts';

function tableOf(...paths: string[]): PrefixTable<string> {
  const table = new PrefixTable<string>();
  for (const path of paths) table.set(split(path), path);
  return table;
}
const split = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

test.for<[path: string, found: string | undefined]>([
  ['/calc', '/calc'],
  ['/calc/x', '/calc'],
  ['/calculator', undefined],
  ['/calc/one', '/calc/one'],
  ['/calc/one/two', '/calc/one'],
  ['/CALC/One', '/calc/one'],
  ['/other', undefined],
  ['', undefined],
])('%s leads to %s', ([path, found]) => {
  expect(tableOf('/calc', '/calc/one', '/far/away').find(split(path))).toBe(found);
});

test('the empty path is a prefix of all', () => {
  expect(tableOf('', '/a').find(['b', 'c'])).toBe('');
});

test('passes over what is not accepted', () => {
  expect(tableOf('/a', '/a/b').find(['a', 'b', 'c'], (path) => path !== '/a/b')).toBe('/a');
});

test('names of object members are nothing special', () => {
  expect(tableOf('/a').find(['__proto__'])).toBeUndefined();
  expect(tableOf('/constructor').find(['constructor', 'x'])).toBe('/constructor');
});

test('does what a list of all entries does', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'C', 'c'), { maxLength: 4 });
  const step = fc.record({ add: fc.boolean(), path });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.array(path, { maxLength: 10 }),
      (steps, asked) => {
        const table = new PrefixTable<string>();
        const list = new Map<string, string>();
        const keyOf = (segments: string[]): string => segments.join('/').toLowerCase();
        for (const { add, path: segments } of steps) {
          if (add) table.set(segments, keyOf(segments));
          else expect(table.delete(segments)).toBe(list.has(keyOf(segments)));
          if (add) list.set(keyOf(segments), keyOf(segments));
          else list.delete(keyOf(segments));
        }
        expect(table.size).toBe(list.size);
        expect([...table.values()].sort()).toEqual([...list.values()].sort());
        for (const segments of asked) {
          let expected: string | undefined;
          for (let length = 0; length <= segments.length; length++) {
            expected = list.get(keyOf(segments.slice(0, length))) ?? expected;
          }
          expect(table.find(segments)).toBe(expected);
          expect(table.get(segments)).toBe(list.get(keyOf(segments)));
        }
      },
    ),
  );
});
