import { csv } from './csv.ts';
import { docx } from './docx.ts';
import type { Format } from './format.ts';
import { html } from './html.ts';
import { xlsx } from './xlsx.ts';

export const exportFormats: readonly Format[] = [xlsx, docx, html, csv];
