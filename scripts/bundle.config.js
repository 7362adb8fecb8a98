// Makes one file of each command, with the packages that it needs: Node takes most of a millisecond to load a
// module, a command has up to 130, and yargs as many files again. A client's whole call then takes four fifths of
// the time, its help half, and a daemon that died is back sooner. Programs that import the package get the
// modules.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'rolldown';

const COMMANDS = [
  'service/main',
  'client/main',
  'shared/tool/main',
  'shared/port-sharing/daemon/main',
];
// koffi is loaded where it is installed: it has native code for each platform, and not for every one.
const EXTERNAL = [/^(?:node:|koffi$|yargs$)/];
// A client's binding could listen, and never does.
const LISTENING = /[\\/]port-sharing[\\/]/;

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

const shared = { platform: 'node', plugins: [keepLicences] };

export default defineConfig([
  // A file of its own, which only help and mistakes load: with it the others would take longer to load.
  { ...shared, input: { yargs: 'yargs' }, output: { dir: 'dist' } },
  ...COMMANDS.map((name) => ({
    ...shared,
    input: { [name]: `${name}.ts` },
    external: name === 'client/main' ? [...EXTERNAL, LISTENING] : EXTERNAL,
    output: {
      dir: 'dist',
      codeSplitting: false,
      paths: (id) => {
        if (id === 'yargs')
          return path.posix.join(path.posix.relative(path.posix.dirname(name), ''), 'yargs.js');
        return id.replace(/\.ts$/, '.js');
      },
    },
  })),
]);
