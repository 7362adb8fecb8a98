import { defineContract, operation } from './contract.ts';
import { double } from './types/types.ts';

const BINARY = operation(
  [
    ['n1', double],
    ['n2', double],
  ],
  double,
);

/** The contract of the WCF sample "Net.TCP Port Sharing". */
export const ICalculator = defineContract({
  name: 'ICalculator',
  namespace: 'http://Microsoft.Samples.PortSharing',
  operations: { Add: BINARY, Subtract: BINARY, Multiply: BINARY, Divide: BINARY },
});

/** The type of {@link ICalculator}, for `Implementation<ICalculator>` and `Operations<ICalculator>`. */
export type ICalculator = typeof ICalculator;
