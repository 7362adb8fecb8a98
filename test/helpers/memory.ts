import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Which of `markers` are in the memory of a process: bytes, or a text as UTF-8 or UTF-16. Linux only. */
export function memoryHas<M extends string | Uint8Array>(pid: number, markers: readonly M[]): M[] {
  const forms = markers.flatMap((marker) => formsOf(marker).map((form) => [marker, form] as const));
  const found = new Set<M>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (start === undefined || end === undefined) continue;
      const bytes = readAt(memory, Number.parseInt(start, 16), Number.parseInt(end, 16));
      for (const [marker, form] of forms) {
        if (!found.has(marker) && bytes.includes(form)) found.add(marker);
      }
    }
  } finally {
    closeSync(memory);
  }
  return markers.filter((marker) => found.has(marker));
}

function formsOf(marker: string | Uint8Array): readonly Buffer[] {
  if (typeof marker !== 'string') return [Buffer.from(marker)];
  return [Buffer.from(marker), Buffer.from(marker, 'utf16le')];
}

function readAt(memory: number, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, bytes.length, start));
  } catch {
    return bytes.subarray(0, 0); // a region that cannot be read, or is gone by now
  }
}
