// `openTelemetry` with OpenTelemetry's own API and SDK.
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  FaultException,
  NetTcpBinding,
  type NetTcpBindingOptions,
  openTelemetry,
  operation,
  ServiceHost,
  types,
} from '../../shared/index.ts';
import { eventually } from '../helpers/eventually.ts';

const exporter = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({
  exporter: measured,
  exportIntervalMillis: 1_000_000,
});

beforeAll(() => {
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});
afterAll(async () => {
  await reader.shutdown();
  for (const part of [api.trace, api.context, api.propagation, api.metrics]) part.disable();
});

const IChain = defineContract({
  name: 'IChain',
  operations: {
    Down: operation([['levels', types.int]], types.string),
    Fails: operation([]),
  },
});

/** A service that calls itself, so many levels down. */
async function chain(options: NetTcpBindingOptions) {
  const onCall = openTelemetry(api);
  const host = new ServiceHost(new NetTcpBinding(options), { onCall });
  const factory = new ChannelFactory(IChain, new NetTcpBinding(options), { onCall });
  host.addEndpoint(
    IChain,
    {
      async Down(levels) {
        await Promise.resolve();
        if (levels === 0) return api.trace.getActiveSpan()?.spanContext().traceId ?? 'none';
        const next = factory.createChannel(address);
        try {
          return await next.Down(levels - 1);
        } finally {
          await next.close();
        }
      },
      Fails() {
        throw new FaultException('on purpose');
      },
    },
    'net.tcp://localhost:0/chain',
  );
  await host.open();
  const [address = ''] = host.addresses;
  const proxy = factory.createChannel(address);
  onTestFinished(async () => {
    await proxy.close();
    factory.close();
    await host.close();
  });
  exporter.reset();
  return { proxy, port: Number(new URL(address).port) };
}

test.for<NetTcpBindingOptions>([
  {},
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
])('one trace goes through services: %j', async (options) => {
  const { proxy } = await chain(options);
  const tracer = api.trace.getTracer('test');
  const root = await tracer.startActiveSpan('root', async (span) => {
    const traceId = await proxy.Down(2);
    expect(traceId).toBe(span.spanContext().traceId);
    span.end();
    return span.spanContext();
  });
  await eventually(() => expect(exporter.getFinishedSpans()).toHaveLength(7));
  let parent: string | undefined = root.spanId;
  for (let index = 0; index < 6; index++) {
    const span = exporter
      .getFinishedSpans()
      .find(({ parentSpanContext }) => parentSpanContext?.spanId === parent);
    const isServer = index % 2 === 1;
    expect(span).toMatchObject({
      name: 'IChain/Down',
      kind: isServer ? api.SpanKind.SERVER : api.SpanKind.CLIENT,
      status: { code: api.SpanStatusCode.UNSET },
    });
    expect(span?.spanContext().traceId).toBe(root.traceId);
    expect(span?.parentSpanContext?.isRemote === true).toBe(isServer);
    parent = span?.spanContext().spanId;
  }
});

test('attributes, status and durations, by the conventions', async () => {
  const { proxy, port } = await chain({});
  await expect(proxy.Fails()).rejects.toMatchObject({ code: 'Fault' });
  await proxy.Down(0);
  await eventually(() => expect(exporter.getFinishedSpans()).toHaveLength(4));
  const attributes = {
    'rpc.system.name': 'dotnet_wcf',
    'rpc.method': 'IChain/Fails',
    'rpc.response.status_code': 'Fault',
    'error.type': 'Fault',
    'server.address': 'localhost',
    'server.port': port,
  };
  const failed = exporter.getFinishedSpans().filter(({ name }) => name === 'IChain/Fails');
  expect(failed).toHaveLength(2);
  for (const span of failed) {
    expect(span.attributes).toEqual(attributes);
    expect(span.status).toEqual({ code: api.SpanStatusCode.ERROR, message: 'on purpose' });
    expect(span.events).toMatchObject([{ name: 'exception' }]);
  }
  await reader.forceFlush();
  const histograms = measured
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  for (const side of ['server', 'client']) {
    const found = histograms.find(
      ({ descriptor }) => descriptor.name === `rpc.${side}.call.duration`,
    );
    expect(found?.descriptor.unit).toBe('s');
    expect(found?.dataPoints).toContainEqual(
      expect.objectContaining({ attributes, value: expect.objectContaining({ count: 1 }) }),
    );
  }
});

test('without a caller who traces, a service begins a trace of its own', async () => {
  const onCall = openTelemetry(api);
  const host = new ServiceHost(new NetTcpBinding(), { onCall });
  host.addEndpoint(IChain, { Down: () => '', Fails() {} }, 'net.tcp://localhost:0/chain');
  await host.open();
  const factory = new ChannelFactory(IChain, new NetTcpBinding());
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  exporter.reset();
  await proxy.Down(0);
  await eventually(() => expect(exporter.getFinishedSpans()).toHaveLength(1));
  expect(exporter.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
  await proxy.close();
  factory.close();
  await host.close();
});
