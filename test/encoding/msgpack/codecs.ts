import {
  defineContract,
  oneWay,
  operation,
  type Contract,
  type Operation,
} from '../../../shared/contract/contract.ts';
import type { ValueType } from '../../../shared/contract/types/types.ts';
import type { ClientCodec, ServiceCodec } from '../../../shared/encoding/encoding.ts';
import { msgpack } from '../../../shared/encoding/msgpack/msgpack.ts';
import { withLimits, type Limits } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';

/** Both ends of a session, and the operations of its contract by name. */
export interface Codecs {
  readonly service: ServiceCodec;
  readonly client: ClientCodec;
  readonly operation: (name: string) => Operation;
}

export function codecsFor(contract: Contract, limits: Partial<Limits> = {}): Codecs {
  const options = {
    contract,
    limits: withLimits(limits),
    address: 'net.tcp://localhost:9000/calculator/4381',
  };
  return {
    service: msgpack.service(options),
    client: msgpack.client(options),
    operation: (name) => {
      const found = contract.operations.get(name);
      if (found === undefined) throw new Error(`the test names no operation: ${name}`);
      return found;
    },
  };
}

/** A contract whose operation `Echo` takes one value of `type` and gives one; `Tell` is one-way. */
export function echo(type: ValueType, limits: Partial<Limits> = {}): Codecs {
  const operations = {
    Echo: operation([['value', type]], type),
    Tell: oneWay([['value', type]]),
  };
  return codecsFor(defineContract({ name: 'IEcho', operations }), limits);
}

/** What `write` writes after bytes that are already there. */
export function written(write: (out: OctetWriter) => void): Uint8Array {
  const out = new OctetWriter(4); // so small that it has to grow
  out.append(hex('ff ff ff'));
  write(out);
  return out.toBytes().slice(3);
}

/** Bytes from text such as `94 00 01 a3 "Add"`: hexadecimal digits, and ASCII in quotation marks. */
export function hex(text: string): Uint8Array {
  const digits = text
    .replace(/"([^"]*)"/g, (_, ascii: string) => Buffer.from(ascii).toString('hex'))
    .replaceAll(/\s/g, '');
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** `octets` as a message: what the service makes of it. */
export function request({ service }: Codecs, octets: Uint8Array) {
  return service.readRequest(octets, 0, octets.length);
}

/** `octets` as the answer to a call of `name`: what the client makes of it. */
export function reply({ client, operation }: Codecs, octets: Uint8Array, name = 'Echo') {
  return client.readReply(octets, 0, octets.length, () => operation(name));
}

/** What a caller is told when its request cannot be read. @param why a sentence without its full stop */
export function unreadable(why: string, name = 'Echo') {
  return {
    code: 'Fault',
    faultCode: {
      name: 'Sender',
      subcode: {
        name: 'DeserializationFailed',
        namespace:
          'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher',
      },
    },
    message: `The formatter threw an exception while trying to deserialize the message: Error in deserializing body of request message for operation '${name}'. ${why}.`,
  } as const;
}

/** What a call is rejected with when its answer cannot be read. */
export function unreadableAnswer(why: string, name = 'Echo') {
  const message = `Error in deserializing body of reply message for operation '${name}'. ${why}.`;
  return { code: 'Protocol', message } as const;
}
