/**
 * A value that is not of the type that the contract names, found while reading or writing it.
 * It never leaves this folder: codecs turn it into a fault or an error that says where it was.
 */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}
