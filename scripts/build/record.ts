// Loaded before a command: writes what V8 has compiled of its program by the end of the process.
import { writeFileSync } from 'node:fs';
import vm from 'node:vm';

/** Where to. */
const target = process.env['RECORD_CODE'];

const { Script } = vm;
vm.Script = class extends Script {
  constructor(...all: ConstructorParameters<typeof Script>) {
    super(...all);
    process.once('exit', () => {
      if (target !== undefined) writeFileSync(target, this.createCachedData());
    });
  }
};
