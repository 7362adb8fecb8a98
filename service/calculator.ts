import type { ICalculator } from '../shared/contract/calculator.ts';
import type { Implementation } from '../shared/contract/contract.ts';

/** The operations of the sample's service. */
export const calculator: Implementation<ICalculator> = {
  Add: (n1, n2) => n1 + n2,
  Subtract: (n1, n2) => n1 - n2,
  Multiply: (n1, n2) => n1 * n2,
  Divide: (n1, n2) => n1 / n2,
};
