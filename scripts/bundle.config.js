// Makes one script of each command, with the packages that it needs: Node takes most of a millisecond to load a
// module, a command has up to 130, and yargs as many files again. A client's whole call then takes four fifths of
// the time, its help half, and a daemon that died is back sooner. A script and no module, because V8's compiled
// code can be kept of those only, see scripts/build/. Programs that import the package get the modules.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'rolldown';

const COMMANDS = ['shared/port-sharing/daemon/main'];
// More files for these: Node compiles all of a file, and most starts need nothing of security, nor a client's of
// SOAP, nor the manager's of a client that reads metadata, of a registry, or of an HTTP server.
const PROGRAMS = [
  {
    folder: 'service',
    later: {
      security: [
        'transport/tls/service',
        'transport/tls/user-names',
        'transport/negotiate/service',
      ],
      metadata: ['metadata/write/answer'],
    },
    // A service's binding could call, and never does.
    never: /[\\/]transport[\\/](?:tls|negotiate)[\\/]client\.ts$/,
  },
  {
    folder: 'client',
    later: {
      security: [
        'transport/tls/client',
        'transport/negotiate/client',
        'security/message-credentials/client-token',
      ],
      soap: ['encoding/soap/soap'],
    },
    // A client's binding could listen, and never does.
    never:
      /[\\/]port-sharing[\\/]|[\\/]transport[\\/](?:listener|tls[\\/](?:service|user-names)|negotiate[\\/]service)\.ts$/,
  },
  {
    folder: 'shared/tool',
    later: {
      importer: ['tool/import/import-command'],
      fleet: ['tool/fleet/publish', 'tool/fleet/front'],
      watching: ['tool/dashboard', 'tool/metrics'],
    },
  },
];
// koffi is loaded where it is installed: it has native code for each platform, and not for every one. saxes is
// needed by one command of many.
const EXTERNAL = [/^(?:node:|koffi$|saxes$|yargs$)/];

/** The licences of packages that have become part of a command, by name and version. */
const licences = new Map();

const keepLicences = {
  name: 'keep-licences',
  generateBundle(_, bundle) {
    for (const { type, moduleIds } of Object.values(bundle)) {
      if (type === 'chunk') for (const id of moduleIds) keepLicence(id);
    }
  },
  writeBundle() {
    const texts = [...licences].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
    const head = 'The commands of this package contain parts of the following packages.';
    writeFileSync(
      'dist/LICENSE-3rd-party.txt',
      `${[head, ...texts].join(`\n\n${'-'.repeat(72)}\n\n`)}\n`,
    );
  },
};

/** @param id file of a module that is part of a command */
function keepLicence(id) {
  const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id) ?? [];
  if (folder === undefined) return;
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} is bundled and has no file with its licence`);
  const text = readFileSync(path.join(folder, file), 'utf8').trim();
  licences.set(`${name}@${version}`, `${name} ${version} (${license})\n\n${text}`);
}

const DYNAMIC_IMPORT = /\bimport\('(\.[^']+\.ts)'\)/g;
const LATER = 'later/';
const NOTHING = /^$/;

/** Puts modules that are imported dynamically into one of the later files, or beside what imports them. */
function placeDynamicImports({ later, never = NOTHING }) {
  const partsOf = (chunk) => later[chunk].map((name) => path.resolve('shared', `${name}.ts`));
  return {
    name: 'place-dynamic-imports',
    transform(code, id) {
      if (id.startsWith(LATER)) return undefined;
      const beside = [];
      const text = code.replaceAll(DYNAMIC_IMPORT, (all, to) => {
        const file = path.resolve(path.dirname(id), to);
        if (never.test(file)) return all;
        const chunk = Object.keys(later).find((each) => partsOf(each).includes(file));
        if (chunk !== undefined) return `import('${LATER}${chunk}')`;
        beside.push(`import * as beside${beside.length} from '${to}';\n`);
        return `Promise.resolve(beside${beside.length - 1})`;
      });
      return text === code ? undefined : `${beside.join('')}${text}`;
    },
    resolveId: (id) => (id.startsWith(LATER) ? id : undefined),
    load(id) {
      if (!id.startsWith(LATER)) return undefined;
      // No two of them export the same name.
      const parts = partsOf(id.slice(LATER.length));
      return parts.map((file) => `export * from ${JSON.stringify(file)};`).join('\n');
    },
  };
}

const yargsFrom = (folder) => path.posix.join(path.posix.relative(folder, ''), 'yargs.cjs');

function pathsFrom(folder) {
  return (id) => (id === 'yargs' ? yargsFrom(folder) : id.replace(/\.ts$/, '.js'));
}

/**
 * Makes the text of each file ASCII: V8 keeps a text with one other character in twice the memory, and Node decodes
 * it three times as slowly. What is left of them is in strings, where an escape means the same.
 */
const asciiOnly = {
  name: 'ascii-only',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replaceAll(/[^\0-\x7f]/g, escaped);
    }
  },
};

/** @param unit one UTF-16 unit */
function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const IMPORTS_PROCESS = /^import process from 'node:process';$/m;

/**
 * Has packages use the global `process`: to import it, Node reads all of its properties, among them standard
 * input, which it opens for that.
 */
const globalProcess = {
  name: 'global-process',
  transform: (code) => (IMPORTS_PROCESS.test(code) ? code.replace(IMPORTS_PROCESS, '') : undefined),
};

/** What runs the program is another file. */
const noInterpreter = {
  name: 'no-interpreter',
  transform: (code) => (code.startsWith('#!') ? code.slice(code.indexOf('\n')) : undefined),
};

/** Makes a package that exports one thing by default a script that is that thing. */
const onlyDefault = {
  name: 'only-default',
  resolveId: (id) => (id.startsWith('only-default:') ? id : undefined),
  load: (id) =>
    id.startsWith('only-default:')
      ? `export { default } from '${id.slice('only-default:'.length)}';`
      : undefined,
};

const PLUGINS = [keepLicences, noInterpreter, globalProcess, asciiOnly];
// Without comments and white space, and with short names, a file is compiled in two thirds of the time.
const MINIFIED = { minify: { compress: false, mangle: true } };
const COMMON_JS = {
  dir: 'dist',
  format: 'cjs',
  entryFileNames: '[name].cjs',
  strict: true,
  // A script has no `import()` without a warning of Node's.
  dynamicImportInCjs: false,
};
const shared = { platform: 'node', plugins: PLUGINS };

export default defineConfig([
  // A file of its own, which only help and mistakes load: with it the others would take longer to load.
  {
    ...shared,
    plugins: [...PLUGINS, onlyDefault],
    input: { yargs: 'only-default:yargs' },
    transform: { define: { 'import.meta.resolve': 'require.resolve' } },
    output: { ...COMMON_JS, exports: 'default' },
  },
  ...COMMANDS.map((name) => ({
    ...shared,
    input: { [path.posix.join(path.posix.dirname(name), 'program')]: `${name}.ts` },
    external: EXTERNAL,
    output: {
      ...MINIFIED,
      ...COMMON_JS,
      codeSplitting: false,
      paths: pathsFrom(path.posix.dirname(name)),
    },
  })),
  ...PROGRAMS.map(({ folder, later, never = NOTHING }) => ({
    ...shared,
    plugins: [...PLUGINS, placeDynamicImports({ later, never })],
    input: { [`${folder}/program`]: `${folder}/main.ts` },
    external: [...EXTERNAL, never],
    preserveEntrySignatures: false,
    output: {
      ...MINIFIED,
      ...COMMON_JS,
      chunkFileNames: `${folder}/[name].cjs`,
      paths: pathsFrom(folder),
    },
  })),
]);
