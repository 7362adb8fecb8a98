import { NetTcpError } from '../errors.ts';
import { ANYTHING, checkOptions, OBJECT } from '../options.ts';
import type { ValueType } from './types/types.ts';

/** Namespace of the fault codes of SOAP 1.2, `Sender` and `Receiver`. */
export const FAULT_CODE_NAMESPACE = 'http://www.w3.org/2003/05/soap-envelope';

/** A code of a SOAP fault; a subcode makes it more precise. */
export interface FaultCode {
  /** An XML name without a colon. */
  readonly name: string;
  /** Default: that of SOAP 1.2, where the codes are `Sender` and `Receiver`. */
  readonly namespace?: string | undefined;
  /** What makes it more precise, if anything does. */
  readonly subcode?: FaultCode | undefined;
}

/** What a `FaultException` has beside its message. */
interface FaultExceptionOptions<T> extends ErrorOptions {
  /** Default: none over msgpack, SOAP's `Sender` over SOAP. */
  readonly faultCode?: FaultCode | undefined;
  /** Type of `detail`, best one that the operation declares among its faults. */
  readonly type?: ValueType<T> | undefined;
  /** A value of `type`, which must be given with it. */
  readonly detail?: T | undefined;
}

const OPTIONS = { faultCode: OBJECT, type: OBJECT, detail: ANYTHING, cause: ANYTHING };

/**
 * A fault that an operation raises on purpose, and what its caller catches: WCF's `FaultException`,
 * and with a detail its `FaultException<T>`.
 *
 *     throw new FaultException('no such row', { type: problem, detail: { Number: 42, Text: '…' } });
 *
 * What callers catch has the code `Fault`, whoever raised it.
 */
export class FaultException<T = unknown> extends NetTcpError {
  /** `FaultException`. */
  override readonly name: string = 'FaultException';
  /** When caught: what the service sent; over SOAP there always is one. */
  readonly faultCode: FaultCode | undefined;
  /** The type of `detail`; `undefined` without a detail. */
  readonly type: ValueType<T> | undefined;
  /** When caught: there if it is of a type that the contract declares for the operation. */
  readonly detail: T | undefined;

  /**
   * @param message for the caller to read
   * @throws {NetTcpError} `Usage` if there is a detail without its type
   */
  constructor(message: string, options: FaultExceptionOptions<T> = {}) {
    checkOptions('FaultException', options, OPTIONS);
    if (options.detail !== undefined && options.type === undefined) {
      throw new NetTcpError('Usage', "a FaultException with a detail needs the detail's type, too");
    }
    super('Fault', message, options);
    this.faultCode = options.faultCode;
    this.type = options.type;
    this.detail = options.detail;
  }

  /** The detail if it is of that very type, `undefined` otherwise. */
  detailAs<D>(type: ValueType<D>): D | undefined {
    return this.type === (type as ValueType) ? (this.detail as D | undefined) : undefined;
  }
}
