import { header } from './header.ts';
import type { QName } from './types/type-names.ts';
import { string } from './types/types.ts';

/** Namespace of the two headers, as CoreWCF and OpenTelemetry's instrumentation of WCF read and write them. */
const namespace = 'https://www.w3.org/TR/trace-context/';

/** Which span a call belongs to: `00-<trace, 32 hex>-<span, 16 hex>-<flags, 2 hex>`. [W3C Trace Context, 3.2] */
export const Traceparent = header('traceparent', string, { namespace });
/** What tracing systems add to it, each a `key=value`, with commas between. [W3C Trace Context, 3.3] */
export const Tracestate = header('tracestate', string, { namespace });

/** The trace that a call belongs to. */
export interface TraceContext {
  /** Version, trace, span and flags: `00-…-…-01`. */
  readonly traceparent: string;
  /** What the systems on the way have added, as a list. */
  readonly tracestate?: string | undefined;
}

/** Longest `tracestate` that is taken over; the specification has systems carry at least 512 characters. */
const MAX_TRACESTATE_CHARS = 8_192;

/**
 * @returns `undefined` for what the specification has its receivers leave out of account: another form, version ff, a
 *   trace or a span of zeros
 */
export function traceContext(
  traceparent: string | undefined,
  tracestate?: string,
): TraceContext | undefined {
  if (traceparent === undefined) return undefined;
  const form =
    /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-[\x20-\x7e]*)?$/;
  const isRight =
    traceparent.length <= 512 &&
    form.test(traceparent) &&
    (traceparent.length === 55 || !traceparent.startsWith('00'));
  if (!isRight) return undefined;
  const isState =
    tracestate !== undefined &&
    tracestate.length <= MAX_TRACESTATE_CHARS &&
    /^[\x20-\x7e\t]*$/.test(tracestate);
  return isState ? { traceparent, tracestate } : { traceparent };
}

/** Whether a header is one of the two, which nobody has to read. */
export function isOfTrace(header: QName): boolean {
  return (
    header.namespace === namespace &&
    (header.name === Traceparent.name || header.name === Tracestate.name)
  );
}
