// The threat model names the test or the injected fault that proves each promise: each has to exist.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULTS } from '../../scripts/faults/catalogue.ts';
import { expectTest } from '../helpers/proofs.ts';

const page = readFileSync('SECURITY.md', 'utf8');
const promised = page.slice(
  page.indexOf('## What is promised'),
  page.indexOf('## What is not promised'),
);
const rows = [...promised.matchAll(/^\| (?!promise|-)(.+?) +\| (.+?) +\|$/gm)].map(
  ([, promise = '', proof = '']) => [promise, proof] as const,
);
const TEST = /`(test\/[^`]+)`, “([^”]+)”/g;
const FAULT = /fault `([^`]+)`/g;

test.for(rows)('%s', ([, proof]) => {
  const tests = [...proof.matchAll(TEST)];
  const faults = [...proof.matchAll(FAULT)];
  expect(tests.length + faults.length).toBeGreaterThan(0);
  expect(proof.replaceAll(TEST, '').replaceAll(FAULT, '').replaceAll(/[; ]/g, '')).toBe('');
  for (const [, file = '', title = ''] of tests) expectTest(file, title);
  for (const [, name] of faults) expect(FAULTS.map((fault) => fault.name)).toContain(name);
});

test('every fault that can be injected has its promise', () => {
  const named = new Set([...promised.matchAll(FAULT)].map(([, name]) => name));
  expect(named).toEqual(new Set(FAULTS.map(({ name }) => name)));
});

test('the page is in the package, and the README leads to it', () => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
  expect(files).toContain('SECURITY.md');
  expect(readFileSync('README.md', 'utf8')).toContain('](SECURITY.md)');
});
