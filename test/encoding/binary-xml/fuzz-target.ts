import { expectTyped } from '../../helpers/expect-typed.ts';
import type { ReceivedStrings } from '../../../shared/encoding/binary-xml/session-strings.ts';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import { octets } from './octets.ts';

/** A document with every sort of record in it, so that its mutations reach every branch. */
export const EVERYTHING = octets(`
  56 02 0b 01 "s" 04 0b 01 "a" 06 41 02 "ab" 01 "x" 09 02 "ab" 01 "n" 05 02 "ab" 01 "y" 80
  04 01 "k" 86 06 00 a8 26 01 "q" 98 01 "v" 1e 02 aa 0a 08 01 "d" 02 03 "rem"
  44 0a 0a 06 88 05 8a 00 01 8c 00 00 01 00 8e 00 00 00 00 01 00 00 00 01
  5e 01 "f" 90 00 00 c0 3f 92 9a 99 99 99 99 99 b9 3f 01
  40 01 "g" 94 00 00 02 00 00 00 00 00 3f 06 00 00 00 00 00 00 96 00 00 7c 8b 4d 8e d7 48 01
  40 01 "h" 9a 02 00 "hi" 9c 02 00 00 00 "hi" 9e 02 01 02 a0 01 00 ff a2 01 00 00 00 ff 01
  40 01 "i" a4 80 98 01 "x" a7 40 01 "j" ac 44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00 01
  40 01 "k" ae 00 68 c4 61 08 00 00 00 b2 01 02 03 04 05 06 07 08 b4 01 bc 12 0a 01
  40 01 "l" b6 02 "a" 00 b8 02 00 "a" 00 ba 02 00 00 00 "a" 00 01
  40 01 "m" 03 40 01 "n" 01 8d 02 01 00 00 00 02 00 00 00 03 40 01 "o" 01 b5 02 01 00 01 01 01`);

/** Reads any bytes as a document; anything but XML or a typed error is thrown on. */
export function readsOrComplains(payload: Uint8Array, strings?: ReceivedStrings): void {
  expectTyped(() => toXml(payload, { strings }));
}
