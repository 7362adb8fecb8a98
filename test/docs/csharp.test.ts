// The C# of docs/examples, where Mono is; `npm run interop` also compiles it for .NET.
import { expect, test } from 'vitest';
import { privateDirectory } from '../helpers/command.ts';
import { checkExamples, reasonAgainst } from '../interop/examples.ts';

test('the C# examples compile, call, and are called', { timeout: 240_000 }, async ({ skip }) => {
  const reason = await reasonAgainst('mono');
  if (reason !== undefined) skip(reason);
  const env = { ...process.env, NET_TCP_PORT_SHARING_DIR: privateDirectory() };
  expect(await checkExamples('mono', env)).toEqual([]);
});
