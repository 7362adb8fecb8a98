import type { CodecOptions, MessageEncoding } from '../encoding.ts';
import { MsgpackClientCodec } from './client-codec.ts';
import { MsgpackServiceCodec } from './service-codec.ts';

/**
 * MessagePack-RPC: plain MessagePack that any library reads and writes, one message an envelope.
 *
 * | contract | written as | read from |
 * |---|---|---|
 * | double, duration | float 64 | any number; an integer over 2^53 is rounded |
 * | float | float 32 | any number, rounded |
 * | whole numbers | the shortest integer | any integer, or float without a fraction |
 * | boolean, string | bool, str | the same; a string is valid UTF-8 |
 * | decimal, guid | str in .NET's form | str in any form that .NET reads |
 * | dateTime | str, ISO 8601 in UTC | the same with any offset or none, or a timestamp (extension −1) |
 * | dateTimeOffset | str, ISO 8601 with its offset | the same, or with Z |
 * | char, uri, version, enumeration | str | str |
 * | flags | uint | any integer of these bits |
 * | base64Binary | bin | bin |
 * | nillable | nil or the value | the same |
 * | array | array | array |
 * | dictionary | map | map, no key twice |
 * | object | map by member names, without optional ones that are not there | map; unknown keys passed over, missing members default, none twice |
 * | known | the same, with `$type` | the same |
 * | an object with references | the same, with `$id`; `{"$ref"}` where it comes again | the same |
 * | void | nil | anything |
 *
 * All in the ranges of `check`: what is out of range or of another type costs its call.
 *
 * Faults travel as the error `{"code", "message", "detail"?, "faultCode"?, "detailType"?, "detailValue"?}` of
 * a response; errors of other shapes are read too. One-way operations are notifications. Extensions other than timestamps are passed
 * over where a value is not looked at, and are no value of any type.
 *
 * @see https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md
 */
export const msgpack: MessageEncoding = {
  name: 'msgpack',
  contentType: 'application/x-msgpack-rpc',
  mode: 2,
  service,
  client: (options) => new MsgpackClientCodec(options),
};

const serviceCodecs = new WeakMap<CodecOptions, MsgpackServiceCodec>();

/** A codec remembers nothing of its session: those of one endpoint share it. */
function service(options: CodecOptions): MsgpackServiceCodec {
  let codec = serviceCodecs.get(options);
  if (codec === undefined) {
    codec = new MsgpackServiceCodec(options);
    serviceCodecs.set(options, codec);
  }
  return codec;
}
