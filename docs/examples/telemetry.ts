// Who calls what, and how long it takes: traces and durations for OpenTelemetry, and figures for Prometheus.
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  CallMetrics,
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  openTelemetry,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

// What NodeSDK of @opentelemetry/sdk-node does at the start of a program, with an exporter that only remembers.
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
api.trace.setGlobalTracerProvider(provider);
api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());

const onCall = openTelemetry(api);
const metrics = new CallMetrics();

const IPrices = defineContract({
  name: 'IPrices',
  operations: { Price: operation([['item', types.string]], types.double) },
});
const IShop = defineContract({
  name: 'IShop',
  operations: { Total: operation([['items', types.array(types.string)]], types.double) },
});

const prices = new ServiceHost(new NetTcpBinding(), { onCall });
prices.addEndpoint(IPrices, { Price: (item) => item.length }, 'net.tcp://localhost:0/prices');
await prices.open();
const pricesFactory = new ChannelFactory(IPrices, new NetTcpBinding(), { onCall });
const price = pricesFactory.createChannel(prices.addresses[0] ?? '');

// Both hear of each call here.
const shop = new ServiceHost(new NetTcpBinding(), {
  onCall(call) {
    const counted = metrics.onCall(call);
    const traced = onCall(call);
    return {
      ...traced,
      onEnd(end) {
        counted?.onEnd?.(end);
        traced?.onEnd?.(end);
      },
    };
  },
});
shop.addEndpoint(
  IShop,
  {
    async Total(items) {
      const all = await Promise.all(items.map((item) => price.Price(item)));
      return all.reduce((sum, one) => sum + one, 0);
    },
  },
  'net.tcp://localhost:0/shop',
);
await shop.open();
const shopFactory = new ChannelFactory(IShop, new NetTcpBinding(), { onCall });
const till = shopFactory.createChannel(shop.addresses[0] ?? '');

console.log(await till.Total(['apple', 'fig']));
await till.close();
await price.close();
shopFactory.close();
pricesFactory.close();
await shop.close();
await prices.close();

// The whole tree, although three programs may have had a part in it.
const spans = exporter.getFinishedSpans();
const show = (parent: string | undefined, depth: number): void => {
  for (const span of spans.filter((one) => one.parentSpanContext?.spanId === parent)) {
    console.log(`${'  '.repeat(depth)}${api.SpanKind[span.kind]} ${span.name}`);
    show(span.spanContext().spanId, depth + 1);
  }
};
show(undefined, 0);
const lines = metrics.text().split('\n');
console.log(lines.filter((line) => line.startsWith('net_tcp_calls_total')).join('\n'));
