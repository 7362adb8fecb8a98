import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatBase64,
  formatGuid,
  guidOctets,
  parseBase64,
} from '../../../shared/encoding/binary-xml/lexical-octets.ts';

test.each(['A', 'AA', 'AAA', 'AA=A', 'AAA==', 'A===', 'AAAA=', '=', 'AA-A', 'AAAA====', 'AÄAA'])(
  '%j is not base64',
  (text) => {
    expect(parseBase64(text)).toBeUndefined();
  },
);

// As .NET 10 reads them.
test.each([
  ['AQID', '010203'],
  ['AQI=', '0102'],
  [' A Q = =\t', '01'],
  ['AR==', '01'],
  ['AQ==AQI=', '010102'],
  ['', ''],
])('%j is the bytes %s', (text, hex) => {
  expect(Buffer.from(parseBase64(text) ?? []).toString('hex')).toBe(hex);
});

test('bytes come back from base64, which is the same as Node writes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = formatBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(parseBase64(`\n ${text}\t`)).toEqual(bytes);
    }),
  );
});

test('guids come back from their bytes', () => {
  fc.assert(
    fc.property(fc.uuid(), (guid) => {
      expect(formatGuid(guidOctets(guid), 0)).toBe(guid);
    }),
  );
});
