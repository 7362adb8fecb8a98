import { parseAddressToCall } from '../address.ts';
import { type TraceContext, traceContext } from '../contract/trace-context.ts';
import { messageOf } from '../errors.ts';
import type { CallEnd, CallEvent, CallListener, OnCall } from '../rpc/call-events.ts';

/** What is used of `@opentelemetry/api`, version 1: this package does not depend on it. */
export interface OpenTelemetryApi<Context = unknown> {
  readonly context: {
    active(): Context;
    with<T>(context: Context, method: () => T): T;
  };
  readonly propagation: {
    extract(context: Context, carrier: Record<string, string>): Context;
    inject(context: Context, carrier: Record<string, string>): void;
  };
  readonly trace: {
    getTracer(name: string): {
      startSpan(name: string, options: SpanOptions, context: Context): Span;
    };
    setSpan(context: Context, span: never): Context;
  };
  readonly metrics: {
    getMeter(name: string): {
      createHistogram(name: string, options: HistogramOptions): Histogram<Context>;
    };
  };
}

interface Span {
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  recordException(error: Error): void;
  end(): void;
}

interface SpanOptions {
  readonly kind: number;
  readonly attributes: Attributes;
}

interface HistogramOptions {
  readonly unit: string;
  readonly description: string;
  readonly advice: { readonly explicitBucketBoundaries: number[] };
}

interface Histogram<Context> {
  record(value: number, attributes: Attributes, context: Context): void;
}

type Attributes = Record<string, string | number>;

/** OpenTelemetry's SpanKind and SpanStatusCode. */
const SPAN_KIND = { server: 1, client: 2 } as const;
const STATUS_ERROR = 2;
/** Seconds; of the semantic conventions for durations of calls. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const NAME = 'net-tcp-port-sharing';
/** OpenTelemetry's name for an operation that is not one of the contract. */
const OTHER = '_OTHER';

/**
 * Makes spans, and histograms of durations, of calls; for the option `onCall` of hosts and of factories:
 *
 *     const onCall = openTelemetry(api); // all of `@opentelemetry/api`
 *     const host = new ServiceHost(binding, { onCall });
 *
 * Names follow OpenTelemetry's conventions for RPC. A service takes over the trace of its caller, and whatever is
 * called in a method belongs to it, where a context manager is set; a client hands the active one on.
 */
export function openTelemetry<Context>(api: OpenTelemetryApi<Context>): OnCall {
  const { context, propagation, trace, metrics } = api;
  const tracer = trace.getTracer(NAME);
  const meter = metrics.getMeter(NAME);
  const histogram = (name: string, description: string): Histogram<Context> =>
    meter.createHistogram(name, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: [...BOUNDS] },
    });
  const durations = {
    server: histogram('rpc.server.call.duration', 'Duration of calls that were answered.'),
    client: histogram('rpc.client.call.duration', 'Duration of calls that were made.'),
  };
  return (call): CallListener => {
    const { kind, trace: of } = call;
    const attributes = attributesOf(call);
    const parent =
      of === undefined ? context.active() : propagation.extract(context.active(), carrierOf(of));
    const options = { kind: SPAN_KIND[kind], attributes };
    const span = tracer.startSpan(String(attributes['rpc.method']), options, parent);
    const own = trace.setSpan(parent, span as never);
    const onEnd = ({ code, durationMs, error }: CallEnd): void => {
      const outcome: Attributes = { 'rpc.response.status_code': code };
      if (code !== 'OK') outcome['error.type'] = code;
      span.setAttributes(outcome);
      if (code !== 'OK') span.setStatus({ code: STATUS_ERROR, message: describe(code, error) });
      if (error instanceof Error) span.recordException(error);
      span.end();
      durations[kind].record(durationMs / 1_000, { ...attributes, ...outcome }, own);
    };
    if (kind === 'server') return { onEnd, run: (method) => context.with(own, method) };
    const carrier: Record<string, string> = {};
    propagation.inject(own, carrier);
    return { onEnd, trace: traceContext(carrier['traceparent'], carrier['tracestate']) };
  };
}

function attributesOf({ contract, operation, via }: CallEvent): Attributes {
  const { host, port } = parseAddressToCall(via);
  return {
    'rpc.system.name': 'dotnet_wcf',
    'rpc.method': operation === undefined ? OTHER : `${contract}/${operation}`,
    'server.address': host,
    'server.port': port,
  };
}

function carrierOf({ traceparent, tracestate }: TraceContext): Record<string, string> {
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

function describe(code: string, error: unknown): string {
  return error === undefined ? code : messageOf(error);
}
