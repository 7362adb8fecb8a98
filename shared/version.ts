import { readFileSync } from 'node:fs';

/** Version of the package: its package.json is one directory above the built files, as above the sources. */
export function packageVersion(): string {
  for (const candidate of ['../package.json', '../../package.json']) {
    try {
      const text = readFileSync(new URL(candidate, import.meta.url), 'utf8');
      const { version }: { readonly version?: unknown } = JSON.parse(text);
      if (typeof version === 'string') return version;
    } catch {
      // dist/ has none: it is one further up.
    }
  }
  return '0.0.0';
}
