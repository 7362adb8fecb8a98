import type { BodyMember, Message } from '../../contract/message.ts';
import type { HeaderType } from '../../contract/header.ts';
import type { Member, ValueType } from '../../contract/types/types.ts';
import { type Expression, literal } from './layout.ts';
import { memberValue } from './member-value.ts';
import type { TypePrinter } from './print-types.ts';

/** A message where it is used. */
export function messageValue({ message: of }: Message, printer: TypePrinter): Expression {
  const { name, namespace, wrapped, headers, body } = of;
  const members = (all: typeof headers | typeof body): Expression => ({
    object: Object.entries(all ?? {}).map(([key, value]) => ({
      key,
      value: partValue(value, printer),
    })),
    isOpen: true,
  });
  const object = [
    ...(name === undefined ? [] : [{ key: 'name', value: literal(name) }]),
    ...(namespace === undefined ? [] : [{ key: 'namespace', value: printer.namespace(namespace) }]),
    ...(wrapped === false ? [{ key: 'wrapped', value: 'false' }] : []),
    ...(headers === undefined ? [] : [{ key: 'headers', value: members(headers) }]),
    ...(body === undefined ? [] : [{ key: 'body', value: members(body) }]),
  ];
  return { call: 'message', args: [{ object, isOpen: object.length > 0 }] };
}

function partValue(
  of: ValueType | Member | BodyMember | HeaderType,
  printer: TypePrinter,
): Expression {
  if ('presence' in of) return memberValue(of.of, of.presence, of.xml, printer);
  if ('kind' in of) return printer.use(of);
  const { type, name, namespace } = of;
  const own =
    namespace === undefined ? [] : [{ key: 'namespace', value: printer.namespace(namespace) }];
  if ('mustUnderstand' in of) {
    const options = own.length > 0 ? [{ object: own }] : [];
    return { call: 'header', args: [literal(of.name), printer.use(type), ...options] };
  }
  const named = name === undefined ? [] : [{ key: 'name', value: literal(name) }];
  return { object: [{ key: 'type', value: printer.use(type) }, ...named, ...own] };
}
