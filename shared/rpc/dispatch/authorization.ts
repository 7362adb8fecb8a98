import type { Operation, OperationContext } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { accessDenied, allowNamed, type Authorize } from '../../security/authorize.ts';
import type { Methods } from './dispatcher.ts';

/** Thrown instead of a call that its caller may not make. */
class Denial extends NetTcpError {
  constructor() {
    const { code, message } = accessDenied();
    super(code, message);
  }
}

/** Whether it is meant for the caller, and not an error of the implementation with the same code. */
export function isDenial(error: unknown): error is NetTcpError {
  return error instanceof Denial;
}

/**
 * Puts the guards before each method. Without any, calls cost nothing more.
 *
 * @param allow names of those who may call; `undefined`: everybody
 */
export function guardedBy(
  authorize: Authorize | undefined,
  allow: readonly string[] | undefined,
  methods: Methods,
): Methods {
  const guards = [allow && allowNamed(allow), authorize].filter((guard) => guard !== undefined);
  if (guards.length === 0) return methods;
  const guarded = new Map<Operation, (...args: unknown[]) => unknown>();
  for (const [operation, method] of methods) {
    const { method: name } = operation;
    guarded.set(operation, async (...args) => {
      const { caller } = args.at(-1) as OperationContext;
      for (const isAllowed of guards) if (!(await isAllowed(caller, name))) throw new Denial();
      return await method(...args);
    });
  }
  return guarded;
}
