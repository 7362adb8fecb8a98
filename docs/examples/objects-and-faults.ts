// Objects, arrays and `null` in a contract; a fault that a method throws on purpose, with a typed detail.
import {
  ChannelFactory,
  defineContract,
  FaultException,
  NetTcpBinding,
  NetTcpError,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const Item = types.object('Item', {
  Count: types.int,
  Name: types.string,
  Note: types.nillable(types.string),
});
const Order = types.object('Order', { Id: types.guid, Items: types.array(Item) });
const Refused = types.object('Refused', { Missing: types.array(types.string) });

const IOrders = defineContract({
  name: 'IOrders',
  namespace: 'http://example.org/orders',
  operations: {
    // `faults` names the types of the details that this operation's faults may have.
    Place: operation([['order', Order]], types.int, { faults: [Refused] }),
  },
});
const address = 'net.tcp://localhost:9000/orders';

const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
host.addEndpoint(
  IOrders,
  {
    Place({ Items }) {
      const missing = Items.filter(({ Count }) => Count > 100).map(({ Name }) => Name);
      if (missing.length === 0) return Items.reduce((sum, { Count }) => sum + Count, 0);
      throw new FaultException('not that many in stock', {
        type: Refused,
        detail: { Missing: missing },
      });
    },
  },
  address,
);
await host.open();

const factory = new ChannelFactory(IOrders, new NetTcpBinding());
const orders = factory.createChannel(address);
const Id = '0f8fad5b-d9cb-469f-a165-70867728950e';
console.log(await orders.Place({ Id, Items: [{ Count: 3, Name: 'pear', Note: null }] }));

try {
  await orders.Place({ Id, Items: [{ Count: 300, Name: 'plum', Note: 'ripe' }] });
} catch (error) {
  if (!(error instanceof FaultException)) throw error;
  console.log(error.message, error.detailAs(Refused)?.Missing);
}

try {
  await orders.Place({ Id, Items: [{ Count: 1.5, Name: 'fig', Note: null }] });
} catch (error) {
  // A value that the contract does not have is never sent.
  console.log(error instanceof NetTcpError && error.code);
}
await orders.close();
factory.close();
await host.close();
