import { BOOLEAN, checkOptions, STRING } from '../../options.ts';
import { array, type Held, toMember } from './compound-types.ts';
import type { Member, Presence, ValueType, XmlPlace } from './types.ts';

/** Members of a class as .NET's XmlSerializer has them: for operations of the format `xmlSerializer`. */

/** Names that XmlSerializer would not choose by itself. */
interface XmlNames {
  /** Default: the member's. */
  readonly name?: string;
  /** `''` is none: an unqualified element. Default: that of the class; for attributes none. */
  readonly namespace?: string;
}

interface ElementOptions extends XmlNames {
  /** `IsNullable = true`: null is an element with `xsi:nil`. Default: null is left out, but for `int?` and its like. */
  readonly nil?: boolean;
}

type PresenceIn<M> = M extends Member<unknown, infer P> ? P : 'default';

const NAMES = { name: STRING, namespace: STRING };
const ELEMENT_OPTIONS = { ...NAMES, nil: BOOLEAN };

/**
 * An attribute: `[XmlAttribute]`.
 *
 * @param of a scalar, an enumeration, flags, or an array of them (a list); it may be nillable or {@link optional}
 */
export function attribute<const M extends ValueType | Member>(
  of: M,
  names: XmlNames = {},
): Member<Held<M>, PresenceIn<M>> {
  checkOptions('types.attribute', names, NAMES);
  return placed(of, { ...names, node: 'attribute' });
}

/** The text between the tags, of an object that has no elements: `[XmlText]`. @param of as of {@link attribute} */
export function text<const M extends ValueType | Member>(of: M): Member<Held<M>, PresenceIn<M>> {
  return placed(of, { node: 'text' });
}

/** An element of another name or namespace than XmlSerializer's own: `[XmlElement]`, `[XmlArray]`. */
export function element<const M extends ValueType | Member>(
  of: M,
  options: ElementOptions = {},
): Member<Held<M>, PresenceIn<M>> {
  checkOptions('types.element', options, ELEMENT_OPTIONS);
  return placed(of, { ...options, node: 'element' });
}

/** An array whose items have no element around them: `[XmlElement("Mail")] string[]`. @param of the type of one */
export function elements<T>(of: ValueType<T>, names: XmlNames = {}): Member<T[], 'default'> {
  checkOptions('types.elements', names, NAMES);
  return placed(array(of), { ...names, node: 'element', isFlat: true });
}

function placed<T, P extends Presence>(of: ValueType | Member, xml: XmlPlace): Member<T, P> {
  return { ...toMember(of), xml } as Member<T, P>;
}
