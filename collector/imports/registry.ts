import { devices } from './devices.ts';
import { entries } from './entries.ts';
import type { ImportKind } from './kind.ts';
import { people } from './people.ts';
import { schools } from './schools.ts';

export const importKinds: readonly ImportKind[] = [schools, people, entries, devices];
