import type { OperationContext } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';
import { accessDenied, allowNamed, type Authorize } from '../../security/authorize.ts';
import type { Methods } from './dispatcher.ts';

/** Thrown in place of a call that its caller may not make. */
class Denial extends NetTcpError {
  constructor() {
    const { code, message } = accessDenied();
    super(code, message);
  }
}

/** Whether it is an answer for the caller, and no error of the implementation that has the same code. */
export function isDenial(error: unknown): error is NetTcpError {
  return error instanceof Denial;
}

/**
 * Puts a guard before each method. Without one calls cost nothing more.
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
  const guarded = new Map<string, (...args: unknown[]) => unknown>();
  for (const [name, method] of methods) {
    guarded.set(name, async (...args) => {
      const { caller } = args.at(-1) as OperationContext;
      for (const isAllowed of guards) if (!(await isAllowed(caller, name))) throw new Denial();
      return await method(...args);
    });
  }
  return guarded;
}
