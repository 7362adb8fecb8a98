import { NetTcpError } from '../../errors.ts';
import { jsonLine, printable, quoted } from '../../printable.ts';
import type { LogDetails, LogEvent } from './log.ts';

/** `text`: a line for people. `json`: an object, for programs that collect logs. */
export type LogFormat = (typeof LOG_FORMATS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;

/** Environment variable with the {@link LogFormat} of daemons. */
const LOG_FORMAT_VARIABLE = 'NET_TCP_PORT_SHARING_LOG_FORMAT';

/**
 * The format that the environment asks for; without the variable `text`.
 *
 * @throws {NetTcpError} `Usage` for another value
 */
export function logFormatFromEnvironment(): LogFormat {
  const wanted = process.env[LOG_FORMAT_VARIABLE] ?? '';
  const format = wanted === '' ? 'text' : LOG_FORMATS.find((one) => one === wanted);
  if (format !== undefined) return format;
  const text = `${LOG_FORMAT_VARIABLE} must be ${LOG_FORMATS.map((one) => `"${one}"`).join(' or ')}, not ${quoted(wanted)}.`;
  throw new NetTcpError('Usage', text);
}

/**
 * One line without its end, whatever the details hold:
 * `2026-11-22T10:00:00.000Z registered address=net.tcp://… pid=4381`, or
 * `{"time":"2026-11-22T10:00:00.000Z","event":"registered","address":"net.tcp://…","pid":4381}`.
 */
export function formatEvent(
  event: LogEvent,
  details: LogDetails = {},
  format: LogFormat = 'text',
): string {
  const time = new Date().toISOString();
  if (format === 'json') return jsonLine({ time, event, ...details });
  const members = Object.entries(details).map(([name, value]) => {
    const text = typeof value === 'number' ? String(value) : printable(value);
    return `${name}=${/[\s"]/.test(text) ? JSON.stringify(text) : text}`;
  });
  return [time, event, ...members].join(' ');
}
