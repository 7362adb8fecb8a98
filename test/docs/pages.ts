// The pages of the repository, as tests read them: fenced blocks, headings, links.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Every page, by its path from the root. */
export const PAGES: readonly string[] = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join('docs', name.replaceAll('\\', '/'))),
];

/** What a command line can need that a test does not have, and why it is not run then. */
export const NEEDS: Readonly<Record<string, string>> = {
  registry: 'installs packages from a registry',
  minutes: 'takes minutes',
  'second-machine': 'needs a second machine',
  openssl: 'needs the command openssl, and makes keys',
  systemd: 'needs a systemd of the user, or installs there',
  fleet: 'needs etcd, HAProxy and several machines',
  kubernetes: 'needs a cluster',
  root: 'needs the rights of root',
  kerberos: 'needs a realm of Kerberos, or a password that somebody types',
  prometheus: 'needs a Prometheus that asks',
  browser: 'needs a browser that looks',
  wcf: 'needs a service of WCF; test/tool/import imports what one has said',
  mono: 'needs Mono; `npm run interop` does the same where it is',
};

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Of its first line within the page, from 1. */
  readonly line: number;
  readonly language: string;
  /** `key=value` after the language. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The page asks for ENTER in every terminal where something runs. */
export const ENTER = '<!-- ENTER -->';

/** Blocks, and {@link ENTER}, in the order of the page. */
export function partsOf(page: string): readonly (Block | typeof ENTER)[] {
  const lines = readFileSync(page, 'utf8').split('\n');
  const parts: (Block | typeof ENTER)[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === ENTER) parts.push(ENTER);
    const [, indent, info] = /^( *)```(.*)$/.exec(line) ?? [];
    if (indent === undefined || info === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, index + 1);
    const [language = '', ...words] = info.split(' ');
    const attributes = Object.fromEntries(
      words.map((word): [string, string] => {
        const at = word.indexOf('=');
        return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
      }),
    );
    const text = lines.slice(index + 1, end).join('\n');
    parts.push({ page, line: index + 1, language, attributes, text });
    index = end;
  }
  return parts;
}

export function blocksOf(page: string): readonly Block[] {
  return partsOf(page).filter((part) => part !== ENTER);
}

/** The text of a page without its fenced blocks. */
export function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '');
}

/** The anchors that hosts make of headings, and explicit ones. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\- _]/gu, '').replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(anchors);
}

/** Targets of links and images, of `[text](target)` and `[name]: target`. */
export function linksOf(page: string): readonly string[] {
  const prose = proseOf(page).replaceAll(/`[^`\n]*`/g, '');
  return [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    ...[...prose.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target),
  ];
}

/** Whatever stands in backticks within a line. */
export function codeOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}
