#!/usr/bin/env node
// The `main.cjs` of a command: runs `program.cjs` beside it. V8 need not compile that again where the build has kept
// what came of it, see code-cache.ts. A script of CommonJS, as Node takes a twentieth of its start to get ready for
// modules.

// `import` would make a module of this.
const { readFileSync } = process.getBuiltinModule('node:fs');
const path = process.getBuiltinModule('node:path');
const { Script } = process.getBuiltinModule('node:vm');

// Replaced by the hash of the program: V8 compares no more than its length.
const HASH = 'HASH';

const file = path.join(__dirname, 'program.cjs');
const { Module, createRequire } = process.getBuiltinModule('node:module');
const program = new Module(file);
program.filename = file;
require.cache[file] = program; // what the program loads later asks for it
// No character is beyond ASCII: the same in UTF-8, which takes longer.
const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`;
const cachedData = readCode();
const script = new Script(text, {
  filename: file,
  ...(cachedData === undefined ? {} : { cachedData }),
});
const run: (...values: unknown[]) => void = script.runInThisContext();
run.call(program.exports, program.exports, createRequire(file), program, file, __dirname);

/** What V8 has kept, if it is of this program, this Node and this processor; V8 looks at it once more. */
function readCode(): Buffer | undefined {
  try {
    return readFileSync(`${file}.${HASH}-${process.version}-${process.arch}`);
  } catch {
    return undefined;
  }
}
