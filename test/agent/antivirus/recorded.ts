import { readFileSync } from 'node:fs';

/** A file of `recorded/`, whose README says where it is from. */
export const recorded = (name: string) => readFileSync(new URL(`./recorded/${name}`, import.meta.url), 'utf8');
/** The moment that the recorded outputs are read at. */
export const NOW = Date.parse('2026-11-24T00:00:00Z');
