import type { Operation } from '../../contract/contract.ts';
import type { Field } from '../../contract/types.ts';

/** The body of an operation's reply: a wrapper with the result, or with nothing. */
export interface ReplyShape {
  readonly wrapper: string;
  readonly members: readonly Field[];
}

const SHAPES = new WeakMap<Operation, ReplyShape>();

/** Made once for each operation: putting names together costs more than writing them. */
export function replyShape(operation: Operation): ReplyShape {
  const known = SHAPES.get(operation);
  if (known !== undefined) return known;
  const { name, result } = operation;
  const members = result.kind === 'void' ? [] : [{ name: `${name}Result`, type: result }];
  const shape = { wrapper: `${name}Response`, members };
  SHAPES.set(operation, shape);
  return shape;
}
