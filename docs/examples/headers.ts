// Headers: what a message says beside its parameters and its result, both ways.
import {
  ChannelFactory,
  defineContract,
  header,
  NetTcpBinding,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const Tenant = header('Tenant', types.string, { namespace: 'urn:example' });
const Cost = header('Cost', types.double, { namespace: 'urn:example' });
const IReports = defineContract({
  name: 'IReports',
  operations: { Title: operation([['year', types.int]], types.string) },
});

const host = new ServiceHost(new NetTcpBinding());
host.addEndpoint(
  IReports,
  {
    Title(year, { headers, replyHeaders }) {
      replyHeaders.push(Cost.of(0.25));
      return `${headers.get(Tenant) ?? 'nobody'}, ${year}`;
    },
  },
  'net.tcp://localhost:0/reports',
);
await host.open();

const factory = new ChannelFactory(IReports, new NetTcpBinding());
const [address = ''] = host.addresses;
const reports = factory.createChannel(address);
const title = await reports.Title(2026, {
  headers: [Tenant.of('acme')],
  onHeaders: (headers) => console.log(headers.get(Cost)),
});
console.log(title);

await reports.close();
factory.close();
await host.close();
