// What etcd's JSON says of keys.
import { type Untrusted, untrusted } from '../../printable.ts';

/** A key of etcd. */
export interface Pair {
  readonly key: string;
  readonly value: Untrusted;
  /** The lease that it hangs on; `undefined`: none. */
  readonly lease: string | undefined;
}

/** What is said of keys in an answer; what has not their form is left out. */
export function pairsOf(list: unknown): readonly Pair[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((pair: unknown) => {
    const {
      key,
      value = '',
      lease,
    } = (pair ?? {}) as { readonly [name in 'key' | 'value' | 'lease']?: unknown };
    if (typeof key !== 'string' || typeof value !== 'string') return [];
    const text = (base: string): string => Buffer.from(base, 'base64').toString('utf8');
    return [
      {
        key: text(key),
        value: untrusted(text(value)),
        lease: typeof lease === 'string' && lease !== '0' ? lease : undefined,
      },
    ];
  });
}

/** The revision that an answer is of: they are counted from 1, and come as text. @returns 0 if it does not say */
export function revisionOf({ header }: Readonly<Record<string, unknown>>): number {
  const { revision } = (header ?? {}) as { readonly revision?: unknown };
  return typeof revision === 'string' ? Number(revision) : 0;
}

/** Keys and values as they go into JSON. */
export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** The first key behind all that begin with `prefix`, which ends with a character of ASCII. */
export function after(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}
