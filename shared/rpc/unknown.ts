import type { OnUnknown, UnknownPart } from '../encoding/unknown.ts';
import { quoted } from '../printable.ts';
import { Warnings } from './warnings.ts';

const warnings = new Warnings();

/** Warns of what a peer sends and the contract here does not have, once for each operation and name. */
export const warnOfUnknown: OnUnknown = (message, operation, parts) => {
  if (warnings.areOver) return;
  const of = message === 'request' ? 'A request' : 'An answer';
  for (const part of parts) {
    warnings.give(`${of} of ${operation} has ${described(part)}: it was passed over.`);
  }
};

function described({ what, name, of, isMisplaced, mismatch }: UnknownPart): string {
  const named = name === undefined ? '' : ` ${quoted(name)}`;
  const ofType = of === undefined ? '' : ` of ${of}`;
  const whole = `a ${what}${named}${ofType}`;
  if (mismatch !== undefined) return `${whole} that is not as the contract here says (${mismatch})`;
  const why = isMisplaced
    ? 'twice, out of order or in another namespace'
    : 'that the contract here does not know';
  return `${whole} ${why}`;
}
