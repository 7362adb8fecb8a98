import type { Contract } from '../../contract/contract.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { Authorize } from '../../security/authorize.ts';
import type { CallCounts } from '../../transport/listener.ts';
import type { OnCall } from '../call-events.ts';
import type { Methods } from './methods.ts';
import type { OnOperationError } from './operation-errors.ts';

/** A contract, what implements it, and how its errors are handled. */
export interface Endpoint {
  readonly contract: Contract;
  readonly implementation: Methods;
  readonly includeExceptionDetailInFaults: boolean;
  /** Its sessions remember: callbacks, an implementation of their own, a first and a last operation. */
  readonly isStateful: boolean;
  /** Messages may be addressed to anybody. */
  readonly acceptsAnyTo: boolean;
  /** Headers that the implementation understands. */
  readonly understood: readonly QName[];
  /** Whether it describes itself; `undefined`: where only this machine reaches it. */
  readonly metadata?: boolean | 'plain' | undefined;
  /** Who may call; `undefined`: everybody. */
  readonly guard: Authorize | undefined;
  /** Told, once in a session, that its caller asked for what he may not have. Throws nothing itself. */
  readonly onDenied?: ((error: Error) => void) | undefined;
  /** Called with what the implementation did not mean to throw. Throws nothing itself. */
  readonly onError: OnOperationError;
  /** Told of each call. */
  readonly onCall: OnCall | undefined;
  /** What has come, and what was answered with a fault. */
  readonly counts: CallCounts;
}
