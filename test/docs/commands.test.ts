// Every command line that a page shows is typed here, or says what it needs.
import { describe, expect, test } from 'vitest';
import { run } from '../../scripts/run.ts';
import { Desk, patternOf } from './desk.ts';
import { type Block, ENTER, NEEDS, PAGES, partsOf } from './pages.ts';

// A page starts up to thirty processes, one after the other.
const PAGE_MS = 240_000;
const SHELL = ['sh', 'console'];

interface Line {
  readonly command: string;
  readonly expected: string;
}

/** Commands of a transcript, each with what it says. */
function transcript({ text }: Block): readonly Line[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...said] = part.split('\n');
      return { command, expected: said.join('\n') };
    });
}

function isShell(part: Block | typeof ENTER): part is Block {
  return part !== ENTER && SHELL.includes(part.language);
}

const runnable = PAGES.filter((page) =>
  partsOf(page).some((part) => isShell(part) && part.attributes['needs'] === undefined),
);

const hasBash = (await run(['bash', '-c', 'true'])).status === 0;

describe('what is typed', () => {
  test.for(runnable)('%s', { timeout: PAGE_MS }, async (page, { skip }) => {
    if (!hasBash) skip('this machine has no bash');
    const desk = await Desk.set();
    const wrong: string[] = [];
    for (const part of partsOf(page)) {
      if (part === ENTER) wrong.push((await desk.enter()) ?? '');
      if (!isShell(part) || part.attributes['needs'] !== undefined) continue;
      if (part.language === 'console') {
        for (const { command, expected } of transcript(part)) {
          wrong.push((await desk.type(command, expected)) ?? '');
        }
      } else {
        for (const command of part.text.replaceAll('\\\n', '').split('\n')) {
          if (command.trim() !== '') wrong.push((await desk.run(command)) ?? '');
        }
      }
      expect(wrong.filter((text) => text !== '').join('\n\n')).toBe('');
    }
  });
});

const others = PAGES.flatMap(partsOf)
  .filter(isShell)
  .filter(({ attributes }) => attributes['needs'] !== undefined);

// Not run, and the report says why.
test.for(others)('$page:$line', ({ attributes, text }, { skip }) => {
  expect(text).not.toBe('');
  skip(NEEDS[attributes['needs'] ?? '']);
});

test('a transcript begins with a command, and a block of commands has no prompt', () => {
  for (const part of PAGES.flatMap(partsOf).filter(isShell)) {
    const where = `${part.page}:${part.line}`;
    if (part.language === 'console') expect(part.text, where).toMatch(/^\$ /);
    else expect(part.text, where).not.toMatch(/^\$ /m);
  }
});

test('the comparison sees a difference', () => {
  const shown = 'Add(1,2) = 3\n…\nlast  line';
  expect('Add(1,2) = 3\na\nb\nlast line\n').toMatch(patternOf(shown));
  expect('Add(1,2) = 4\na\nb\nlast line\n').not.toMatch(patternOf(shown));
  expect('Add(1,2) = 3\na\nb\nlast line\nmore\n').not.toMatch(patternOf(shown));
});
