import { NetTcpError } from '../errors.ts';
import { ANYTHING, checkOptions, OBJECT } from '../options.ts';
import type { ValueType } from './types.ts';

/** A code of a SOAP fault; a subcode says more precisely what its code says. */
export interface FaultCode {
  /** An XML name without a colon. */
  readonly name: string;
  /** Default: that of SOAP 1.2, where the codes are `Sender` and `Receiver`. */
  readonly namespace?: string | undefined;
  readonly subcode?: FaultCode | undefined;
}

export interface FaultExceptionOptions<T> extends ErrorOptions {
  /** Default: SOAP's `Sender`. Of no account for msgpack. */
  readonly faultCode?: FaultCode | undefined;
  /** What `detail` is, best one of the faults that the operation declares. */
  readonly type?: ValueType<T> | undefined;
  /** Carried by SOAP only. */
  readonly detail?: T | undefined;
}

const OPTIONS = { faultCode: OBJECT, type: OBJECT, detail: ANYTHING, cause: ANYTHING };

/**
 * A fault that an operation raises on purpose, and what its caller catches: WCF's `FaultException`,
 * and with a detail its `FaultException<T>`.
 *
 *     throw new FaultException('no such row', { type: problem, detail: { Number: 42, Text: '…' } });
 *
 * What callers catch has the code `Fault`, whoever raised it. Over msgpack it is the message alone.
 */
export class FaultException<T = unknown> extends NetTcpError {
  override readonly name: string = 'FaultException';
  /** Of a caught one: whatever the service said; `undefined` over msgpack. */
  readonly faultCode: FaultCode | undefined;
  readonly type: ValueType<T> | undefined;
  /** Of a caught one: read when it is of a type that the contract declares for the operation. */
  readonly detail: T | undefined;

  constructor(message: string, options: FaultExceptionOptions<T> = {}) {
    checkOptions('FaultException', options, OPTIONS);
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
