import { rule as deviceTracking } from './rules/III.1.1.c.ts';
import { rule as lan } from './rules/III.2.1.a.ts';
import { rule as internet } from './rules/III.2.2.a.ts';
import { rule as wifi } from './rules/III.2.2.b.ts';
import { rule as licensedAntivirus } from './rules/III.3.1.a.ts';
import { rule as anyAntivirus } from './rules/III.3.1.b.ts';
import { rule as cameras } from './rules/III.3.2.a.ts';
import { rule as repairs } from './rules/III.3.2.b.ts';
import { manualRules } from './rules/manual.ts';
import type { Rule } from './verdict.ts';

/** Every rule of Tiêu chuẩn 3, in the decision's order. */
export const rules: readonly Rule[] = [
  deviceTracking,
  lan,
  internet,
  wifi,
  licensedAntivirus,
  anyAntivirus,
  cameras,
  repairs,
  ...manualRules,
].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Rules that samples decide: the columns of the district page. */
export const measurable: readonly Rule[] = rules.filter((rule) => !manualRules.includes(rule));

/** Rules that read samples of any of these probes: what an altered report may have touched. */
export const rulesReading = (probes: ReadonlySet<string>): Rule[] =>
  rules.filter((rule) => rule.probes.some((probe) => probes.has(probe)));
