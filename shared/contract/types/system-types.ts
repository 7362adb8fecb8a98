import { DateTime, DateTimeOffset, dateTicksOf } from './text/date-time.ts';
import { check } from './values.ts';
import { dateTime, int, object, type ObjectShape, short } from './types.ts';

/**
 * .NET's own structures that are elements with members in XML, and one value here.
 */

/** .NET's namespace for them and for `Nullable<…>`. */
const SYSTEM = 'http://schemas.datacontract.org/2004/07/System';

export type SystemKind = 'dateTimeOffset' | 'version';

/** One of them: its members, and the value that they stand for. */
interface SystemType {
  readonly members: ObjectShape;
  /** @throws {Mismatch} for a value that is not of the kind */
  readonly toMembers: (value: unknown) => Readonly<Record<string, unknown>>;
  /** A value for `check`, which refuses it if the members are wrong. */
  readonly fromMembers: (members: Readonly<Record<string, unknown>>) => unknown;
}

const shape = (...of: Parameters<typeof object>): ObjectShape => object(...of) as ObjectShape;

export const SYSTEM_TYPES: Readonly<Record<SystemKind, SystemType>> = {
  dateTimeOffset: {
    members: shape('DateTimeOffset', { DateTime: dateTime, OffsetMinutes: short }, SYSTEM),
    toMembers(value) {
      const date = check('dateTimeOffset', value);
      return {
        DateTime: DateTime.of(dateTicksOf(date).ticks, 'utc'),
        OffsetMinutes: date.offsetMinutes,
      };
    },
    fromMembers: ({ DateTime: instant, OffsetMinutes: minutes }) =>
      new DateTimeOffset(instant as Date, minutes as number),
  },
  version: {
    members: shape('Version', { _Build: int, _Major: int, _Minor: int, _Revision: int }, SYSTEM),
    toMembers(value) {
      const [major, minor, build = -1, revision = -1] = check('version', value)
        .split('.')
        .map(Number);
      return { _Build: build, _Major: major, _Minor: minor, _Revision: revision };
    },
    fromMembers({ _Build: build, _Major: major, _Minor: minor, _Revision: revision }) {
      const given = [major, minor, build, revision] as readonly number[];
      return given.slice(0, 2 + Number(build !== -1) + Number(revision !== -1)).join('.');
    },
  },
};

export function isSystemKind(kind: string): kind is SystemKind {
  return Object.hasOwn(SYSTEM_TYPES, kind);
}
