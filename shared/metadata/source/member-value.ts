import type { Presence, ValueType, XmlPlace } from '../../contract/types/types.ts';
import { type Expression, literal } from './layout.ts';

/** What prints types and namespaces where they are used. */
interface Printer {
  use(type: ValueType): Expression;
  namespace(namespace: string): Expression;
}

/** A member of a class or of a message, with its presence, and where XmlSerializer has it. */
export function memberValue(
  type: ValueType,
  presence: Presence,
  xml: XmlPlace | undefined,
  printer: Printer,
): Expression {
  const { namespace, isFlat, nil } = xml ?? {};
  const ownNamespace = namespace === '' ? literal('') : namespace && printer.namespace(namespace);
  const object = [
    ...(ownNamespace === undefined ? [] : [{ key: 'namespace', value: ownNamespace }]),
    ...(nil === true ? [{ key: 'nil', value: 'true' }] : []),
  ];
  const options = object.length > 0 ? [{ object }] : [];
  if (isFlat === true && type.kind === 'array') {
    return { call: 'types.elements', args: [printer.use(type.of), ...options] };
  }
  const of = printer.use(type);
  const value = presence === 'default' ? of : { call: `types.${presence}`, args: [of] };
  return xml === undefined ? value : { call: `types.${xml.node}`, args: [value, ...options] };
}
