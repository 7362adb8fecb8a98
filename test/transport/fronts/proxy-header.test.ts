// The PROXY protocol, version 2: https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv6Text } from '../../../shared/transport/fronts/ip-text.ts';
import { mutations } from '../../encoding/binary-xml/mutations.ts';
import { octets } from '../../helpers/octets.ts';
import { HEADERS, outcome, readHeaderInCuts } from './fuzz-target.ts';
import { header, IPV4_BLOCK, IPV6_BLOCK, SIGNATURE } from './headers.ts';

const CLIENT = '000100';
const CRC = '030004 01020304';

test.for<[name: string, bytes: Uint8Array, outcome: RegExp | string]>([
  ['IPv4', header('21', '11', IPV4_BLOCK), '28 from 192.0.2.7'],
  ['IPv6', header('21', '21', IPV6_BLOCK), '52 from 2001:db8::7'],
  [
    'IPv4 that is mapped into IPv6 is IPv4',
    header('21', '21', `00000000000000000000ffffc0000207 ${'00'.repeat(16)} 1234 2328`),
    '52 from 192.0.2.7',
  ],
  ['TLVs are skipped', header('21', '11', `${IPV4_BLOCK} ${CRC} 040000`), '38 from 192.0.2.7'],
  ['LOCAL: the front itself', header('20', '00', ''), '16 from undefined'],
  ['LOCAL with a TLV', header('20', '00', CRC), '23 from undefined'],
  ['LOCAL: its addresses do not count', header('20', '11', IPV4_BLOCK), '28 from undefined'],
  ['UNSPEC: the front does not say', header('21', '00', ''), '16 from undefined'],
  ['UNSPEC with something in it', header('21', '00', 'aabb'), '18 from undefined'],
  ['a Unix socket', header('21', '31', '00'.repeat(216)), /^QuotaExceeded/],
  [
    'version 1',
    Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 4660 9000\r\n'),
    /sent version 1 of/,
  ],
  ['a preamble without a header', octets('00 01 00 01 02'), /sent no PROXY protocol header/],
  ['HTTP', Buffer.from('POST / HTTP/1.1\r\n\r\n'), /sent no PROXY protocol header/],
  ['another signature', octets(`${SIGNATURE.slice(0, -2)}0b 21 11 0000`), /no PROXY/],
  [
    'version 3',
    header('31', '11', IPV4_BLOCK),
    /^Protocol .* version 3 of the PROXY protocol, not 2/,
  ],
  ['another command', header('22', '11', IPV4_BLOCK), /^Protocol .* command 2/],
  ['another family', header('21', '41', IPV4_BLOCK), /^Protocol .* family 4 and transport 1/],
  ['another transport', header('21', '13', IPV4_BLOCK), /^Protocol .* family 1 and transport 3/],
  ['another transport of its own', header('20', '13', ''), /^Protocol .* family 1 and transport 3/],
  ['UDP', header('21', '12', IPV4_BLOCK), /^Protocol .* transport 2, which is not TCP/],
  [
    'IPv4, too short',
    header('21', '11', IPV4_BLOCK.slice(0, -2)),
    /^Protocol .* 11 bytes .* 12 are due/,
  ],
  ['IPv6, too short', header('21', '21', IPV4_BLOCK), /^Protocol .* 12 bytes .* 36 are due/],
  [
    'too long',
    header('21', '11', 'aa'.repeat(185)),
    /^QuotaExceeded .* 201 bytes: 200 are allowed/,
  ],
  ['much too long', octets(`${SIGNATURE} 21 11 ffff`), /^QuotaExceeded .* 65551 bytes/],
])('%s', ([, bytes, expected]) => {
  const whole = Uint8Array.from([...bytes, ...octets(CLIENT)]);
  const shown = outcome([whole]);
  if (typeof expected === 'string') expect(shown).toBe(`${expected}, then ${CLIENT}`);
  else expect(shown).toMatch(expected);
  for (let at = 1; at < whole.length; at++) {
    expect(outcome([whole.subarray(0, at), whole.subarray(at)])).toBe(shown);
  }
  readHeaderInCuts(bytes);
  // A wrong header is refused as soon as that can be seen; a right one is never taken before its end.
  if (typeof expected !== 'string') return;
  for (let at = 0; at < bytes.length; at++) {
    expect(outcome([bytes.subarray(0, at)])).toBe('incomplete');
  }
});

test('maxProxyHeaderBytes: a header of so many bytes is read, one byte more is refused', () => {
  const bytes = header('21', '11', `${IPV4_BLOCK} ${CRC}`);
  expect(outcome([bytes], bytes.length)).toBe('35 from 192.0.2.7, then ');
  expect(outcome([bytes], bytes.length - 1)).toMatch(/^QuotaExceeded .*\(maxProxyHeaderBytes\)$/);
});

test('an IPv6 address is written as Node writes it', () => {
  const group = fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      fc.pre(groups.slice(0, 5).some((one) => one !== 0));
      const address = groups.map((one) => one.toString(16)).join(':');
      const bytes = Uint8Array.from(groups.flatMap((one) => [one >> 8, one & 255]));
      expect(ipv6Text(bytes)).toBe(new SocketAddress({ address, family: 'ipv6' }).address);
    }),
    { numRuns: 2_000 },
  );
  expect(ipv6Text(new Uint8Array(16))).toBe('::');
  expect(ipv6Text(octets(`${'00'.repeat(15)}01`))).toBe('::1');
});

test('any bytes, and headers that are nearly right, are read or refused, however they are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, isSigned) => {
      readHeaderInCuts(isSigned ? Uint8Array.from([...octets(SIGNATURE), ...bytes]) : bytes);
    }),
    { numRuns: 2_000 },
  );
  for (const original of HEADERS) {
    for (const bytes of mutations(original, 2_000, 1)) readHeaderInCuts(bytes);
  }
});
