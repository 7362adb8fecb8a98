import { NetTcpError } from '../../shared/errors.ts';

/** Runs `read`, which may complain about what it reads, in the two ways in which a reader may. @param others further codes */
export function expectTyped(read: () => void, others: readonly string[] = []): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    if (!['Protocol', 'QuotaExceeded', ...others].includes(error.code)) throw error;
  }
}
