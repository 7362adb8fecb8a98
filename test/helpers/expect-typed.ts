import { NetTcpError } from '../../shared/errors.ts';

/** Runs `read`, which may complain about what it reads, in the two ways in which a reader may. */
export function expectTyped(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    if (error.code !== 'Protocol' && error.code !== 'QuotaExceeded') throw error;
  }
}
