import type { Untrusted } from '../printable.ts';

/** Something in a message for which the contract here has no place, so that it is passed over, as WCF does. */
export interface UnknownPart {
  readonly what: 'member' | 'parameter' | 'result' | 'detail';
  /** `undefined` where the encoding gives it none. */
  readonly name: Untrusted | undefined;
  /** The type that lacks the member. */
  readonly of?: string | undefined;
  /** The contract has one of that name: this one comes twice, out of order, or in another namespace. */
  readonly isMisplaced: boolean;
  /** Why it cannot be read, where the contract does know it. */
  readonly mismatch?: string | undefined;
}

/** Is told what was passed over in a message that has been read, up to {@link MOST_UNKNOWN} parts of it. */
export type OnUnknown = (
  message: 'request' | 'answer',
  operation: string,
  parts: readonly UnknownPart[],
) => void;

/** Whoever makes a codec says who is told. */
export interface TellsUnknown {
  /** Called only for a message that has such parts; default: nobody is told. */
  readonly onUnknown?: OnUnknown | undefined;
}

/** Parts of one message that are kept: an array may repeat them a million times. */
const MOST_UNKNOWN = 10;

/** The list with one more part, unless it has that one or is full. */
export function withUnknown(list: UnknownPart[] | undefined, part: UnknownPart): UnknownPart[] {
  if (list === undefined) return [part];
  const isKept = list.some(
    ({ what, name, of }) => what === part.what && name === part.name && of === part.of,
  );
  if (!isKept && list.length < MOST_UNKNOWN) list.push(part);
  return list;
}
