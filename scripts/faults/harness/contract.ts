import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { base64Binary, double, int } from '../../../shared/contract/types/types.ts';

/** What the harness's service offers beside the calculator: calls that take time, and large answers. */
export const IFixture = defineContract({
  name: 'IFixture',
  operations: {
    /** Answers after `ms` milliseconds with the service's number. */
    Wait: operation([['ms', int]], double),
    /** Answers with `count` bytes. */
    Octets: operation([['count', int]], base64Binary),
  },
});
