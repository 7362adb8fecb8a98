import type { Untrusted } from '../../printable.ts';
import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { checkOwnFile } from './files/own-file.ts';
import { secureDirectory } from './files/private-directory.ts';
import { formatEvent, type LogFormat } from './log-format.ts';

/** What a line tells of: the first words of a line, or `event` of an object. `docs/sharing` says what each means. */
export const LOG_EVENTS = [
  'started',
  'not started',
  'inherited',
  'listening',
  'stopped listening',
  'socket refused',
  'registered',
  'registration refused',
  'unregistered',
  'service left',
  'route added',
  'route removed',
  'route refused',
  'not taken',
  'connection refused',
  'connection dropped',
  'control connection refused',
  'version unsupported',
  'control socket is gone',
  'control socket not made',
  'took over',
  'replaced',
  'not replaced',
  'giving way',
  'leaving',
  'stopping',
  'ended',
] as const;

export type LogEvent = (typeof LOG_EVENTS)[number];

/** Names and values of one line. Values may come from elsewhere: whoever writes the line makes them printable. */
export type LogDetails = Readonly<Record<string, string | number | Untrusted>>;

/** Where the daemon writes what an operator needs to know: one line for each event. */
export interface Log {
  write(event: LogEvent, details?: LogDetails): void;
}

/**
 * A log file, private to the user. Before it exceeds `maxBytes` it becomes `….1`, and a new one begins: both take
 * no more than twice that. A full disk loses lines, and nothing else.
 */
export function openLogFile(file: string, maxBytes: number, format: LogFormat = 'text'): Log {
  let descriptor: number | undefined;
  let size = 0;
  const open = (): number => {
    descriptor = openForLines(file);
    ({ size } = fstatSync(descriptor));
    return descriptor;
  };
  return {
    write(event, details) {
      const line = `${formatEvent(event, details, format)}\n`;
      try {
        let into = descriptor ?? open();
        if (fstatSync(into).nlink === 0) {
          closeSync(into);
          into = open(); // somebody removed it, or its directory
        }
        if (size + line.length > maxBytes) {
          closeSync(into);
          descriptor = undefined;
          renameSync(file, `${file}.1`);
          into = open();
        }
        size += writeSync(into, line);
      } catch {
        // There is nobody to tell: the daemon has no terminal, and goes on serving.
      }
    },
  };
}

/**
 * Opens a log file to append to it; its directory is made if it is missing.
 *
 * @throws the system's error; {NetTcpError} if directory or file are not this user's
 */
export function openForLines(file: string): number {
  secureDirectory(path.dirname(file));
  // Without O_NONBLOCK a pipe in its place would be waited for.
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_CREAT | O_APPEND | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
  const descriptor = openSync(file, flags, 0o600);
  try {
    checkOwnFile(file, descriptor);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Lines of one event a second: a flood of bad connections must not become a flood of log lines. */
export const LOG_LINES_PER_SECOND = 5;

/** Writes at most `perSecond` lines a second of each event; the next one says how many were left out. */
export function limited(log: Log, perSecond: number): Log {
  const counts = new Map<string, { second: number; written: number; left: number }>();
  return {
    write(event, details = {}) {
      const second = Math.floor(performance.now() / 1_000);
      let count = counts.get(event);
      if (count === undefined) counts.set(event, (count = { second, written: 0, left: 0 }));
      if (count.second !== second) {
        count.second = second;
        count.written = 0;
      }
      if (count.written >= perSecond) {
        count.left += 1;
        return;
      }
      count.written += 1;
      log.write(event, count.left === 0 ? details : { ...details, leftOut: count.left });
      count.left = 0;
    },
  };
}
