// A command of the package, or `npm run` of one, typed at a desk: on the desk's port where it names none.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');
const { bin, scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const [name, ...words] = process.argv.slice(2);

let entry = bin[name];
let args = words;
if (name === 'npm') {
  const [verb, script, ...rest] = words.filter((word) => word !== '--silent');
  [, entry] = /^node (\S+)$/.exec(scripts[script]) ?? [];
  if (verb !== 'run' || entry === undefined)
    throw new Error(`not at this desk: npm ${words.join(' ')}`);
  args = rest[0] === '--' ? rest.slice(1) : rest;
}
const namesPort = args.some((word) => word === '--port' || word === '--address');
const takesPort =
  /^dist\/(?:service|client)\//.test(entry) || (args[0] === 'route' && args[1] !== 'list');
if (takesPort && !namesPort) args.push('--port', process.env['DESK_PORT']);

process.argv = [process.execPath, path.join(root, entry), ...args];
await import(pathToFileURL(process.argv[1]).href);
