const START =
  'A-Za-z_\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
/** A name without a colon, as XML 1.0 has it. */
const NAME = new RegExp(
  `^[${START}][${START}0-9.\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}-]*$`,
  'u',
);

/** Whether XML can have an element of that name; colons are for prefixes. */
export function isXmlName(name: string): boolean {
  return NAME.test(name);
}
