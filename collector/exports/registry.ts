import { csv } from './csv.ts';
import type { Format } from './format.ts';

export const exportFormats: readonly Format[] = [csv];
