import { checkSum, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';

interface Pair {
  readonly n1: number;
  readonly n2: number;
}
interface Sum {
  readonly sum: number;
}
type Callback = (error: Error | null, answer?: Sum) => void;

/** As much of grpc-js as is used here. */
interface Grpc {
  readonly Server: new () => {
    addService(definition: object, implementation: object): void;
    bindAsync(
      address: string,
      credentials: unknown,
      done: (error: Error | null, port: number) => void,
    ): void;
    forceShutdown(): void;
  };
  readonly ServerCredentials: { createInsecure(): unknown };
  readonly credentials: { createInsecure(): unknown };
  makeGenericClientConstructor(
    definition: object,
    name: string,
  ): new (
    address: string,
    credentials: unknown,
    options: object,
  ) => {
    add(pair: Pair, callback: Callback): void;
    waitForReady(deadline: number, done: (error?: Error) => void): void;
    close(): void;
  };
}

/** A message type of protobufjs. */
interface ProtobufType<T> {
  encode(value: T): { finish(): Uint8Array };
  decode(octets: Uint8Array): T;
}

interface Protobuf {
  parse(source: string): { readonly root: { lookupType(name: string): unknown } };
}

interface CalculatorTypes {
  readonly Pair: ProtobufType<Pair>;
  readonly Sum: ProtobufType<Sum>;
}

let types: CalculatorTypes | undefined;

/** The calculator's messages. protobufjs generates their code when they are first used. */
async function calculatorTypes(): Promise<CalculatorTypes> {
  if (types !== undefined) return types;
  const protobuf = (await loadPeer('protobufjs')) as Protobuf;
  const { root } = protobuf.parse(`syntax = "proto3";
    message Pair { double n1 = 1; double n2 = 2; }
    message Sum { double sum = 1; }`);
  types = {
    Pair: root.lookupType('Pair') as CalculatorTypes['Pair'],
    Sum: root.lookupType('Sum') as CalculatorTypes['Sum'],
  };
  return types;
}

async function definition(): Promise<object> {
  const { Pair, Sum } = await calculatorTypes();
  return {
    add: {
      path: '/calculator.Calculator/Add',
      requestStream: false,
      responseStream: false,
      requestSerialize: (value: Pair) => Buffer.from(Pair.encode(value).finish()),
      requestDeserialize: (octets: Uint8Array) => Pair.decode(octets),
      responseSerialize: (value: Sum) => Buffer.from(Sum.encode(value).finish()),
      responseDeserialize: (octets: Uint8Array) => Sum.decode(octets),
    },
  };
}

/** gRPC over HTTP/2, without TLS; protobufjs writes the messages. */
export const grpc: Contender = {
  name: '@grpc/grpc-js',

  missing: async () => (await missingPeer('@grpc/grpc-js')) ?? (await missingPeer('protobufjs')),

  async serve() {
    const { Server, ServerCredentials } = (await loadPeer('@grpc/grpc-js')) as Grpc;
    const server = new Server();
    server.addService(await definition(), {
      add: ({ request: { n1, n2 } }: { readonly request: Pair }, answer: Callback) =>
        answer(null, { sum: n1 + n2 }),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return {
      target: String(port),
      async close() {
        server.forceShutdown();
        await Promise.resolve();
      },
    };
  },

  async connect(target) {
    const library = (await loadPeer('@grpc/grpc-js')) as Grpc;
    const Client = library.makeGenericClientConstructor(await definition(), 'Calculator');
    // Each has a pool of its own: otherwise all clients of a process share one connection.
    const client = new Client(`127.0.0.1:${target}`, library.credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + 10_000, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    return {
      callWith(done) {
        const onSum: Callback = (error, answer) => {
          if (error !== null) throw error;
          checkSum(answer?.sum);
          done();
        };
        return () => client.add({ n1: OPERANDS[0], n2: OPERANDS[1] }, onSum);
      },
      async close() {
        client.close();
        await Promise.resolve();
      },
    };
  },
};
