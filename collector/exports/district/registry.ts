import { csv } from './csv.ts';
import { docx } from './docx.ts';
import type { DistrictFormat } from './format.ts';
import { html } from './html.ts';
import { xlsx } from './xlsx.ts';

export const districtFormats: readonly DistrictFormat[] = [xlsx, docx, html, csv];
