#!/usr/bin/env node
// The `main.cjs` of a command: runs `program.cjs` beside it. V8 need not compile that again where the build has kept
// what came of it, see code-cache.ts. A script of CommonJS, as Node takes a twentieth of its start to get ready for
// modules.

// `import` would make a module of this.
const { readFileSync } = process.getBuiltinModule('node:fs');
const path = process.getBuiltinModule('node:path');
const { Script } = process.getBuiltinModule('node:vm');

const file = path.join(__dirname, 'program.cjs');
const { Module, createRequire } = process.getBuiltinModule('node:module');
const program = new Module(file);
program.filename = file;
require.cache[file] = program; // what the program loads later asks for it
const source = readFileSync(file);
// No character is beyond ASCII: the same in UTF-8, which takes longer.
const text = `(function (exports, require, module, __filename, __dirname) {${source.toString('latin1')}\n})`;
const cachedData = readCode();
const script = new Script(text, {
  filename: file,
  ...(cachedData === undefined ? {} : { cachedData }),
});
const run: (...values: unknown[]) => void = script.runInThisContext();
run.call(program.exports, program.exports, createRequire(file), program, file, __dirname);

/**
 * What V8 has kept, if it is of this program, this Node and this processor, and whole. V8 looks at its length and that
 * of the program alone: with a page of zeros in it, the process would end with SIGSEGV.
 */
function readCode(): Buffer | undefined {
  try {
    const kept = readFileSync(`${file}.${process.version}-${process.arch}`);
    const code = kept.subarray(0, -4);
    const { crc32 } = process.getBuiltinModule('node:zlib');
    return crc32(source, crc32(code)) === kept.readUInt32LE(code.length) ? code : undefined;
  } catch {
    return undefined;
  }
}
