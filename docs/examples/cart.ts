// A session of its own for each client: an implementation, and operations that begin and end it.
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  NetTcpError,
  operation,
  perSession,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const ICart = defineContract({
  name: 'ICart',
  sessionMode: 'required',
  operations: {
    Begin: operation([['owner', types.string]]),
    Put: operation([['item', types.string]], types.int, { isInitiating: false }),
    Finish: operation([], types.string, { isInitiating: false, isTerminating: true }),
  },
});

class Cart {
  readonly #items: string[] = [];
  #owner = '';

  Begin(owner: string): void {
    this.#owner = owner;
  }

  Put(item: string): number {
    return this.#items.push(item);
  }

  Finish(): string {
    return `${this.#owner} buys ${this.#items.join(' and ')}`;
  }

  [Symbol.dispose](): void {
    console.log(`the cart of ${this.#owner} is given back`);
  }
}

const host = new ServiceHost(new NetTcpBinding());
host.addEndpoint(
  ICart,
  perSession(() => new Cart()),
  'net.tcp://localhost:0/cart',
);
await host.open();

const factory = new ChannelFactory(ICart, new NetTcpBinding());
const cart = factory.createChannel(host.addresses[0] ?? '');
const tooSoon = await cart.Put('plum').catch((error: unknown) => error);
console.log(tooSoon instanceof NetTcpError && tooSoon.message);
await cart.Begin('Ann');
await cart.Put('apple');
await cart.Put('pear');
console.log(await cart.Finish());
await cart.close();

factory.close();
await host.close();
