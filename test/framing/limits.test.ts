// The sizes that the framing knows, on both sides of each.
import { expect, test } from 'vitest';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { type LimitName, withLimits } from '../../shared/limits.ts';

const LIMIT = 10;

test.for<[limit: LimitName, type: number, fault: string | undefined]>([
  ['maxViaBytes', 0x02, 'ViaTooLong'],
  ['maxContentTypeBytes', 0x04, 'ContentTypeTooLong'],
  ['maxReceivedMessageSize', 0x06, 'MaxMessageSizeExceededFault'],
  ['maxFaultBytes', 0x08, undefined],
  ['maxUpgradeBytes', 0x09, 'UpgradeInvalid'],
])('%s: a record of so many bytes is read, one byte more is refused', ([limit, type, fault]) => {
  const read = (size: number): unknown => {
    const decoder = new RecordDecoder(withLimits({ [limit]: LIMIT }));
    decoder.push(Uint8Array.of(type, size, ...Array<number>(size).fill(0x61)));
    return decoder.next();
  };
  expect(read(LIMIT)).toBeDefined();
  expect(() => read(LIMIT + 1)).toThrow(
    expect.objectContaining({ code: 'QuotaExceeded', framingFault: fault }),
  );
});
