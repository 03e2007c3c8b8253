import type { DistrictLines } from './lines.ts';

/** An export of a period's summary. To add one, add a file here that exports a DistrictFormat and name it in `registry.ts`. */
export interface DistrictFormat {
  /** Last part of its address. */
  id: string;
  extension: string;
  contentType: string;
  write(lines: DistrictLines): Promise<Buffer> | Buffer;
}
