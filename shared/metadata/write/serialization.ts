import { NAMESPACES, xs } from '../xml/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';

const { xs: XS, ser: SER } = NAMESPACES;

const OWN: readonly (readonly [name: string, base: string, facets: readonly XmlElement[]])[] = [
  ['char', 'int', []],
  [
    'duration',
    'duration',
    [
      xs('pattern', { value: '\\-?P(\\d*D)?(T(\\d*H)?(\\d*M)?(\\d*(\\.\\d*)?S)?)?' }),
      xs('minInclusive', { value: '-P10675199DT2H48M5.4775808S' }),
      xs('maxInclusive', { value: 'P10675199DT2H48M5.4775807S' }),
    ],
  ],
  [
    'guid',
    'string',
    [
      xs('pattern', {
        value: '[\\da-fA-F]{8}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{12}',
      }),
    ],
  ],
];

const BUILT_IN =
  'anyType anyURI base64Binary boolean byte dateTime decimal double float int long QName short string unsignedByte unsignedInt unsignedLong unsignedShort';

/** The schema of DataContractSerializer's own types, and of elements for values that are not a member of anything. */
export const SERIALIZATION_SCHEMA: XmlElement = xs(
  'schema',
  { targetNamespace: SER, attributeFormDefault: 'qualified', elementFormDefault: 'qualified' },
  [
    ...BUILT_IN.split(' ').map((name) => root(name, XS)),
    ...OWN.flatMap(([name, base, facets]) => [
      root(name, SER),
      xs('simpleType', { name }, [
        xs('restriction', { base: { name: base, namespace: XS } }, facets),
      ]),
    ]),
    xs('attribute', { name: 'FactoryType', type: { name: 'QName', namespace: XS } }),
    xs('attribute', { name: 'Id', type: { name: 'ID', namespace: XS } }),
    xs('attribute', { name: 'Ref', type: { name: 'IDREF', namespace: XS } }),
  ],
);

function root(name: string, namespace: string): XmlElement {
  return xs('element', { name, nillable: 'true', type: { name, namespace } });
}
