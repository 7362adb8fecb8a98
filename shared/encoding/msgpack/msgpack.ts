import { callbacksOf } from '../../contract/contract.ts';
import type { CodecOptions, MessageEncoding, ServiceCodecOptions } from '../encoding.ts';
import { MsgpackClientCodec } from './client-codec.ts';
import { MsgpackServiceCodec } from './service-codec.ts';

/**
 * MessagePack-RPC: plain MessagePack that any library reads and writes, one message an envelope.
 *
 * | contract | written as | read from |
 * |---|---|---|
 * | double, duration | float 64 | any number; an integer over 2^53 is rounded |
 * | float | float 32 | any number that is not beyond it, rounded |
 * | whole numbers | the shortest integer | any integer, or float without a fraction |
 * | boolean, string | bool, str | the same; a string is valid UTF-8 |
 * | decimal, guid | str in .NET's form | str in the forms of `number-text.ts` |
 * | dateTime | str, ISO 8601, UTC or by a DateTime's kind | with any offset or none; timestamp (extension −1) |
 * | dateTimeOffset | str, ISO 8601 with its offset | the same, or with Z |
 * | char, uri, version, enumeration | str | str |
 * | flags | uint | any integer of these bits |
 * | xml | str | str |
 * | base64Binary | bin | bin |
 * | nillable | nil or the value | the same |
 * | array | array | array |
 * | dictionary | map | map, no key twice |
 * | object | map without absent optional members | map; unknown keys skipped, missing ones default, none twice |
 * | known | the same, with `$type` | the same |
 * | an object with references | the same, with `$id`; `{"$ref"}` where it comes again | the same |
 * | void | nil | anything |
 *
 * `check` has the ranges: a value out of range or of another type costs its call.
 *
 * A message with headers has them as a further element, a map: see `headers.ts`.
 *
 * Faults travel as the error `{"code", "message", "detail"?, "faultCode"?, "detailType"?, "detailValue"?}` of
 * a response; errors of other shapes are read too. One-way operations are notifications. Callbacks are requests and
 * notifications of the service, with ids of its own. An extension other than a timestamp is not a value of any type;
 * where values are skipped, it is skipped, too.
 *
 * @see https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md
 */
export const msgpack: MessageEncoding = {
  name: 'msgpack',
  contentType: 'application/x-msgpack-rpc',
  mode: 2,
  service,
  client: (options) => new MsgpackClientCodec(options, () => calleeOf(options)),
};

/** Answers callbacks at a client. */
function calleeOf(options: CodecOptions): MsgpackServiceCodec {
  return new MsgpackServiceCodec({ ...options, contract: callbacksOf(options.contract) });
}

const serviceCodecs = new WeakMap<CodecOptions, MsgpackServiceCodec>();

/** A codec remembers nothing of its session: all sessions of one endpoint share it. */
function service(options: ServiceCodecOptions): MsgpackServiceCodec {
  let codec = serviceCodecs.get(options);
  if (codec === undefined) {
    codec = new MsgpackServiceCodec(options, callerOf(options));
    serviceCodecs.set(options, codec);
  }
  return codec;
}

/** Calls the client back; what the client calls meanwhile, the service's own codec reads. */
function callerOf(options: CodecOptions): MsgpackClientCodec | undefined {
  const { callback } = options.contract;
  if (callback === undefined) return undefined;
  return new MsgpackClientCodec({ ...options, contract: callback }, () => service(options));
}
