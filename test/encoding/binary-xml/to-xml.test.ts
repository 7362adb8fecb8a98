import { expect, test } from 'vitest';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import { octets } from './octets.ts';

test.each([
  ['an empty element', '40 01 "e" 01', '<e/>'],
  ['an empty text', '40 01 "e" a9', '<e></e>'],
  ['text', '40 01 "e" 99 02 "hi"', '<e>hi</e>'],
  ['texts in a row', '40 01 "e" 98 02 "hi" 81', '<e>hi0</e>'],
  ['elements, one a line', '40 01 "a" 40 01 "b" 01 40 01 "c" 01 01', '<a>\n  <b/>\n  <c/>\n</a>'],
  [
    'elements among text, on one line: white space would be text too',
    '40 01 "a" 98 01 "x" 40 01 "b" 01 98 01 "y" 01',
    '<a>x<b/>y</a>',
  ],
  ['markup in text', '40 01 "e" 99 07 "<&>" 27 22 0a 09', "<e>&lt;&amp;&gt;'&quot;\n\t</e>"],
  ['markup in an attribute', '40 01 "e" 04 01 "x" 98 03 22 3c 26 01', '<e x="&quot;&lt;&amp;"/>'],
  ['control characters, terminal codes', '40 01 "e" 99 05 1b 5b 32 4a 00', '<e>&#x1B;[2J&#x0;</e>'],
  ['characters that turn text around', '40 01 "e" 99 03 e2 80 ae', '<e>&#x202E;</e>'],
  ['characters outside of the BMP', '40 01 "e" 99 04 f0 9f 98 80', '<e>😀</e>'],
  [
    'names that are none in XML',
    '40 05 "a b<c" 04 01 "1" 80 01',
    '<a_x0020_b_x003C_c _x0031_="0"/>',
  ],
  ['a name that is empty', '40 00 01', '<_x_/>'],
  ['names of other languages', '40 03 c3 a9 74 01', '<ét/>'],
  [
    'a comment that would end itself',
    '40 01 "e" 02 06 "a--b--" 01',
    '<e>\n  <!--a- -b- - -->\n</e>',
  ],
  [
    'a namespace that is taken away',
    '40 01 "a" 08 01 "n" 40 01 "b" 08 00 01 01',
    '<a xmlns="n">\n  <b xmlns=""/>\n</a>',
  ],
])('%s', (_fact, payload, xml) => {
  expect(toXml(octets(payload))).toBe(`${xml}\n`);
});
