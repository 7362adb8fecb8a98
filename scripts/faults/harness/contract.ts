import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { base64Binary, double, int } from '../../../shared/contract/types.ts';

/** What the fixture offers beside the calculator: calls that take time, and answers that are large. */
export const IFixture = defineContract({
  name: 'IFixture',
  operations: {
    /** Answers after so many milliseconds, with the service's number. */
    Wait: operation([['ms', int]], double),
    /** Answers with so many bytes. */
    Octets: operation([['count', int]], base64Binary),
  },
});
