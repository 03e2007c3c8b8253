import { loadConfig } from '../config.ts';
import { setUp } from '../setup.ts';
import { EXIT, type Options, type Surroundings } from './call.ts';

/** By options, or by the environment, which an installer need not quote. */
export async function setup(options: Options, { probes, stdout }: Surroundings): Promise<number> {
  const { THDT_ROLE, THDT_COLLECTOR, THDT_CODE } = process.env;
  const { config: file = '', role = THDT_ROLE, collector = THDT_COLLECTOR, code = THDT_CODE, data } = options;
  await setUp(file, { role, collector, code, data });
  loadConfig(file, probes);
  stdout(`Đã ghi ${file}\n`);
  return EXIT.done;
}
