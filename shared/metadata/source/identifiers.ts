/** Names that a generated file has already, or that the language or its library has. */
const TAKEN = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if import in instanceof new null return super switch this throw true try typeof var void while with ' +
    'as implements interface let package private protected public static yield any boolean constructor declare ' +
    'get module require number set string symbol type from of unknown never object bigint undefined await async ' +
    'arguments eval NaN Infinity Array Boolean Date DateTimeOffset Error Function Map Number Object Promise Set ' +
    'String Symbol Uint8Array defineContract header message oneWay operation results types'
  ).split(' '),
);

/** Gives out names that TypeScript takes, each once. */
export class Identifiers {
  readonly #given = new Set<string>();

  /** The name itself where that is possible; else one like it. @param name any text */
  give(name: string): string {
    const plain = name.replace(/[^\p{ID_Continue}$]/gu, '_').normalize('NFC');
    const start = /^[\p{ID_Start}_$]/u.test(plain) ? plain : `_${plain}`;
    let given = start;
    for (let number = 2; TAKEN.has(given) || this.#given.has(given); number++) {
      given = `${start}${number}`;
    }
    this.#given.add(given);
    return given;
  }
}

/** What a namespace is called in a file: `http://example.org/shop` is `SHOP`. */
export function namespaceName(namespace: string): string {
  const words = namespace.split(/[^A-Za-z0-9.]+/).filter((word) => word !== '');
  const last = (words.at(-1) ?? '').replaceAll('.', '_').toUpperCase();
  return /^[A-Z]/.test(last) ? last : `NAMESPACE_${last}`;
}
