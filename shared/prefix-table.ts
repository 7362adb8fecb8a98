import { segmentKey } from './address.ts';

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  value: T | undefined;
}

/**
 * Finds the value with the longest path that is a prefix of a given one, by whole segments and ignoring case:
 * `/calc` is a prefix of `/calc/x`, but not of `/calculator`. [the rule of WCF's UriPrefixTable]
 *
 * It is a tree of segments: a look-up costs one step for each segment of the path, however many entries there are,
 * and keeps nothing of paths that are not found.
 */
export class PrefixTable<T> {
  readonly #root: Node<T> = { children: new Map(), value: undefined };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value at exactly this path. */
  get(segments: readonly string[]): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const segment of segments) node = node?.children.get(segmentKey(segment));
    return node?.value;
  }

  set(segments: readonly string[], value: T): void {
    let node = this.#root;
    for (const segment of segments) {
      const key = segmentKey(segment);
      let child = node.children.get(key);
      if (child === undefined) {
        child = { children: new Map(), value: undefined };
        node.children.set(key, child);
      }
      node = child;
    }
    if (node.value === undefined) this.#size += 1;
    node.value = value;
  }

  /** Removes the value at exactly this path, and branches that then lead nowhere. @returns whether it was there */
  delete(segments: readonly string[]): boolean {
    const path: (readonly [parent: Node<T>, key: string])[] = [];
    let node = this.#root;
    for (const segment of segments) {
      const key = segmentKey(segment);
      const child = node.children.get(key);
      if (child === undefined) return false;
      path.push([node, key]);
      node = child;
    }
    if (node.value === undefined) return false;
    node.value = undefined;
    this.#size -= 1;
    for (const [parent, key] of path.reverse()) {
      const child = parent.children.get(key);
      if (child === undefined || child.value !== undefined || child.children.size > 0) break;
      parent.children.delete(key);
    }
    return true;
  }

  /** The value with the longest matching prefix among those that `accepts` takes. */
  find(segments: readonly string[], accepts: (value: T) => boolean = () => true): T | undefined {
    let node: Node<T> | undefined = this.#root;
    let found: T | undefined;
    let depth = 0;
    while (node !== undefined) {
      if (node.value !== undefined && accepts(node.value)) found = node.value;
      const segment: string | undefined = segments[depth++];
      node = segment === undefined ? undefined : node.children.get(segmentKey(segment));
    }
    return found;
  }

  *values(): Generator<T> {
    const rest = [this.#root];
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      if (node.value !== undefined) yield node.value;
      rest.push(...node.children.values());
    }
  }
}
