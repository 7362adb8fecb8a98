import { checkSum, type Contender, OPERANDS } from '../contender.ts';
import { loadPeer, missingPeer } from '../peers.ts';
import { issueCertificate, readAuthority } from './secured/certificates.ts';

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
  readonly ServerCredentials: {
    createInsecure(): unknown;
    createSsl(clientCa: null, pairs: readonly object[]): unknown;
  };
  readonly credentials: { createInsecure(): unknown; createSsl(ca: Uint8Array): unknown };
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

/** How its connections are secured. */
interface GrpcSecurity {
  readonly name: string;
  service(library: Grpc): unknown;
  client(library: Grpc): unknown;
}

const IN_THE_CLEAR: GrpcSecurity = {
  name: '',
  service: ({ ServerCredentials }) => ServerCredentials.createInsecure(),
  client: ({ credentials }) => credentials.createInsecure(),
};

const OVER_TLS: GrpcSecurity = {
  name: ', TLS',
  service({ ServerCredentials }) {
    const { certificate, key } = issueCertificate();
    return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
  },
  client: ({ credentials }) => credentials.createSsl(readAuthority()),
};

/** gRPC over HTTP/2; protobufjs writes the messages. */
const grpcOver = (security: GrpcSecurity): Contender => ({
  name: `@grpc/grpc-js${security.name}`,

  missing: async () => (await missingPeer('@grpc/grpc-js')) ?? (await missingPeer('protobufjs')),

  async serve() {
    const library = (await loadPeer('@grpc/grpc-js')) as Grpc;
    const server = new library.Server();
    server.addService(await definition(), {
      add: ({ request: { n1, n2 } }: { readonly request: Pair }, answer: Callback) =>
        answer(null, { sum: n1 + n2 }),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', security.service(library), (error, bound) => {
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
    const client = new Client(`127.0.0.1:${target}`, security.client(library), {
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
});

export const grpc = grpcOver(IN_THE_CLEAR);
export const grpcTls = grpcOver(OVER_TLS);
