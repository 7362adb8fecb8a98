import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { sectionsOf } from '../../shared/metadata/read/sections.ts';
import { textOf } from '../../shared/metadata/read/text-of.ts';
import { importSource } from '../../shared/metadata/source/import-source.ts';
import { describe } from '../../shared/metadata/write/description.ts';
import type { XmlElement } from '../../shared/metadata/xml/element.ts';
import { readXml } from '../../shared/metadata/xml/read-xml.ts';
import * as shop from '../fixtures/shop/shop.ts';
import { expectTyped } from '../helpers/expect-typed.ts';

const ADDRESS = 'net.tcp://localhost:9000/a';
const WSX = 'http://schemas.xmlsoap.org/ws/2004/09/mex';

/** The answer to a request for metadata, as text. */
function metadataOf(...contracts: Parameters<typeof describe>[1][number]['contract'][]): string {
  const documents = describe(
    'Service',
    contracts.map((contract) => ({ contract, address: ADDRESS })),
    false,
  );
  const sections = documents.map(
    ({ text }) => `<MetadataSection>${text.replace(/^<\?xml[^>]*\?>/, '')}</MetadataSection>`,
  );
  return `<Metadata xmlns="${WSX}">${sections.join('')}</Metadata>`;
}

const SHOP = metadataOf(shop.IOps, shop.INews);
const TREE = readXml(SHOP, 'mex', DEFAULT_LIMITS);

/** Texts that are right. */
export const METADATA: readonly Uint8Array[] = [metadataOf(shop.ICart), SHOP].map((text) =>
  new TextEncoder().encode(text),
);

/** Reads a text as `import` does. @throws anything but a complaint of the reader */
export function importText(bytes: Uint8Array): void {
  expectTyped(() => {
    importSource(sectionsOf(readXml(textOf(bytes), 'mex', DEFAULT_LIMITS), 'mex'), 'mex');
  });
}

/** Bytes to begin with for {@link importChanged}: what they say is random anyway. */
export const CHANGES: readonly Uint8Array[] = [
  Uint8Array.from({ length: 24 }, (_, index) => (index * 97) & 255),
];

/**
 * Reads a description that is well formed, with elements and attributes changed as the bytes say: four for each
 * change, what to do and where. @throws anything but a complaint of the reader
 */
export function importChanged(bytes: Uint8Array): void {
  const count = ELEMENTS.length;
  const changes = new Map<XmlElement, number>();
  let from = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const [what = 0, a = 0, b = 0, c = 0] = bytes.subarray(at, at + 4);
    const element = ELEMENTS[((a << 8) | b) % count];
    from = (from + c * 31 + b) % count;
    if (element !== undefined) changes.set(element, what * 0x10000 + from);
  }
  const changed = change(TREE, changes);
  expectTyped(() => {
    importSource(sectionsOf(changed, 'mex'), 'mex');
  });
}

function flat(element: XmlElement): readonly XmlElement[] {
  return [element, ...element.children.flatMap(flat)];
}

const ELEMENTS = flat(TREE).slice(1);

function change(element: XmlElement, changes: ReadonlyMap<XmlElement, number>): XmlElement {
  const children = element.children.flatMap((child) => {
    const said = changes.get(child);
    if (said === undefined) return [change(child, changes)];
    const other = ELEMENTS[said % 0x10000] ?? child;
    return changed(child, other, said >> 16).map((one) =>
      one === child ? change(one, changes) : one,
    );
  });
  return { ...element, children };
}

/** What an element is replaced with. @param other an element of the same document, of which parts are taken */
function changed(element: XmlElement, other: XmlElement, how: number): readonly XmlElement[] {
  switch (how % 8) {
    case 0:
      return [];
    case 1:
      return [element, element];
    case 2:
      return [element, other];
    case 3:
      return [{ ...element, children: other.children }];
    case 4:
      return [{ ...element, attributes: new Map([...element.attributes, ...other.attributes]) }];
    case 5:
      return [{ ...element, attributes: new Map() }];
    case 6:
      return [{ ...element, name: other.name, namespace: other.namespace }];
    default:
      return [{ ...element, children: [...element.children, ...other.children].toReversed() }];
  }
}
