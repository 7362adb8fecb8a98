import type { Operation } from '../../contract/contract.ts';
import type { Fault } from '../../encoding/encoding.ts';
import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { accessDenied, allowNamed, type Authorize } from '../../security/authorize.ts';
import type { CallerContext } from './caller-context.ts';
import { isThenable } from './methods.ts';

/**
 * Both guards as one; `undefined` without any: then calls cost nothing more.
 *
 * @param allow names of those who may call; `undefined`: everybody
 */
export function guardOf(
  authorize: Authorize | undefined,
  allow: readonly string[] | undefined,
): Authorize | undefined {
  if (allow === undefined) return authorize;
  const isNamed = allowNamed(allow);
  if (authorize === undefined) return isNamed;
  return (caller, operation) => isNamed(caller) && authorize(caller, operation);
}

/** A decision that takes its time. */
interface Later {
  readonly operation: Operation;
  /** Rejects with what `authorize` threw. */
  readonly decision: Promise<boolean>;
}

/**
 * Asks whether the caller of one request may make it, as soon as the operation is known and before its arguments are
 * read: who may not call learns nothing of them, and a service works for nobody whom it does not serve.
 */
export class Admission {
  readonly #guard: Authorize;
  readonly #context: CallerContext;
  readonly #onDenied: ((error: Error) => void) | undefined;
  #later: Later | undefined;

  /** @param onDenied told, once in a session, that something is refused; throws nothing */
  constructor(guard: Authorize, context: CallerContext, onDenied?: (error: Error) => void) {
    this.#guard = guard;
    this.#context = context;
    this.#onDenied = onDenied;
  }

  /** What is not decided yet; `undefined` if it is, or if there was nothing to decide. */
  get later(): Later | undefined {
    return this.#later;
  }

  /** @returns why the call is refused; `undefined` if it is not, or not yet. Throws nothing */
  readonly ask = (operation: Operation): Fault | undefined => {
    let decision: unknown;
    try {
      decision = this.#guard(this.#context.caller, operation.method);
    } catch (error) {
      decision = Promise.reject(error);
    }
    // From JavaScript anything may come; only one value is a yes.
    if (!isThenable(decision)) {
      if (decision === true) return undefined;
      this.#tell(operation);
      return denied();
    }
    const decided = Promise.resolve(decision).then((value) => {
      if (value !== true) this.#tell(operation);
      return value === true;
    });
    this.#later = { operation, decision: decided };
    // The message may turn out to be none, and then nobody waits.
    this.#later.decision.catch(() => undefined);
    return undefined;
  };

  /** One line for each session: whoever may not call may try as often as he likes. */
  #tell(operation: Operation): void {
    if (toldOf.has(this.#context)) return;
    toldOf.add(this.#context);
    this.#onDenied?.(deniedTo(this.#context, operation));
  }
}

/** Sessions that were told of. Very many may be idle: what few of them need is no field of each. */
const toldOf = new WeakSet<CallerContext>();

/** What a service's log is told of such a caller. */
function deniedTo({ caller, via, remoteAddress }: CallerContext, { name }: Operation): NetTcpError {
  const who =
    caller.kind === 'anonymous'
      ? 'A caller who does not say who he is'
      : `${printable(caller.name)} (${caller.kind})`;
  const from = remoteAddress === undefined ? '' : `, at ${remoteAddress},`;
  const text = `${who}${from} may not call ${name} at ${printable(via)}: access is denied.`;
  return new NetTcpError('SecurityAccessDenied', text);
}

/** What a caller is told who may not call. */
export function denied(): Fault {
  const { code, message } = accessDenied();
  return { code, message };
}
