import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readText } from '../../shared/framing/text.ts';

const encoder = new TextEncoder();

// Few letters, so that texts repeat, and differ from those of their length and end in one byte only.
const texts = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ufeff'), maxLength: 300 }),
  {
    minLength: 2,
  },
);

// Bytes come from a socket in a Buffer, whose `slice` is no copy.
test.for([
  ['Uint8Array', (length: number): Uint8Array => new Uint8Array(length)],
  ['Buffer', (length: number): Uint8Array => Buffer.alloc(length)],
] as const)('in a %s a text is what its bytes say, whatever was read before', ([, make]) => {
  fc.assert(
    fc.property(texts, fc.nat(9), (all, before) => {
      for (const text of [...all, ...all]) {
        const octets = encoder.encode(text);
        const bytes = make(before + octets.length + 1).fill(0x61);
        bytes.set(octets, before);
        expect(readText('via', bytes, before, before + octets.length)).toBe(text);
        // The memory is used again: what was kept of it must be a copy.
        bytes.fill(0x62);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('bytes that are not UTF-8 are refused each time', () => {
  const octets = Uint8Array.of(0x61, 0xc3);
  for (let time = 0; time < 2; time++) {
    expect(() => readText('via', octets, 0, 2)).toThrow('via is not valid UTF-8');
  }
});
