/** What is used here of the build of msgpackr that does without `new Function`. It has no types of its own. */
declare module 'msgpackr/index-no-eval' {
  export interface Options {
    readonly useRecords: false;
    readonly skipValues: readonly unknown[];
    readonly int64AsType: 'number';
    readonly copyBuffers: boolean;
  }
  export class Packr {
    constructor(options: Options);
    /** @param encodeOptions `RESERVE_START_SPACE | count`: leaves `count` bytes free before the value */
    pack(value: unknown, encodeOptions?: number): Buffer;
    unpack(bytes: Uint8Array): unknown;
  }
  export const RESERVE_START_SPACE: number;
}
