import { describe, expect, test } from 'vitest';
import * as t from '../../../shared/contract/types.ts';
import { Pt } from './dotnet-values.ts';
import { buffered, oneParameter, operationOf, options, writtenDump } from './messages.ts';

describe('a client refuses', () => {
  test.each<readonly [complaint: string, type: t.ValueType, value: unknown]>([
    [' must be a double, not that text', t.double, '1'],
    [' must be a double, not null', t.double, null],
    [' must be a float, not undefined', t.float, undefined],
    [' must be a boolean, not 1', t.boolean, 1],
    [' must be a whole number from -2147483648 to 2147483647, not 1.5', t.int, 1.5],
    [' must be a whole number from 0 to 255, not 256', t.unsignedByte, 256],
    [' must be a whole number from -128 to 127, not -129', t.byte, -129],
    [' must be a bigint from -9223372036854775808 to 9223372036854775807, not 5', t.long, 5],
    [' must be a bigint from 0 to 18446744073709551615, not -1', t.unsignedLong, -1n],
    [' must be a string, not 5', t.string, 5],
    [' must be text without lone surrogates, not that text', t.string, 'x\ud800'],
    [' must be decimal text such as "-15.99", not that text', t.decimal, '1e5'],
    [' must be a Date in the years 1 to 9999, not that text', t.dateTime, '2020-01-01'],
    [' must be a Date in the years 1 to 9999, not that Date', t.dateTime, new Date(NaN)],
    [' must be milliseconds, up to ± 922,337,203,685,477.6, not Infinity', t.duration, Infinity],
    [' must be a GUID, not that text', t.guid, 'x'],
    [' must be a Uint8Array, not an array', t.base64Binary, [1]],
    [' must be an array, not 5', t.array(t.double), 5],
    ['[1] must be a double, not that text', t.array(t.double), [1, 'x']],
    [' must be an object (Pt), not null', Pt, null],
    ['.Y must be a double, not undefined', Pt, { X: 1 }],
    ['[0].Label must be a string, not 5', t.array(Pt), [{ Label: 5, X: 1, Y: 2 }]],
  ])('%s', (complaint, type, value) => {
    const contract = oneParameter(type);
    const client = buffered.client(options(contract));
    const wire = writtenDump((out) => {
      out.u8(0xff);
      expect(() => client.writeRequest(out, 1, operationOf(contract, 'Op'), [value])).toThrow(
        expect.objectContaining({
          name: 'NetTcpError',
          code: 'Usage',
          message: `Op: v${complaint}`,
        }),
      );
    });
    expect(wire).toBe('ff');
  });
});
