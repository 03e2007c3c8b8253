import type { AntivirusStatus, HostStatus, ProductLicence } from '../api/schemas/school.ts';
import type { FactAsset, SampleFacts } from '../compliance/facts.ts';
import { coverOf, dayOf, readName } from '../compliance/licences.ts';
import { readProducts } from '../compliance/rollup/antivirus.ts';
import type { FactSample } from '../compliance/series.ts';

/** What the newest samples of a PC say of it, for pages. Pure. */

export function antivirusStatus(
  sample: FactSample | undefined,
  asset: FactAsset,
  facts: SampleFacts,
): AntivirusStatus | null {
  if (!sample) return null;
  const products = sample.ok ? readProducts(sample) : undefined;
  return {
    at: iso(sample.at),
    products:
      products?.map(({ name, on, upToDate, definitionsAt, state }) => ({
        name,
        on,
        upToDate,
        state,
        definitionsAt: definitionsAt === null ? null : iso(definitionsAt),
        licence: licenceOf(name, asset, facts),
      })) ?? null,
    reportId: sample.reportId,
  };
}

function licenceOf(name: string, asset: FactAsset, { register, now, utcOffsetMinutes }: SampleFacts): ProductLicence {
  if (asset.licence !== null) return 'own';
  const known = register ?? { entries: [] };
  const cover = coverOf(known, name, dayOf(now, utcOffsetMinutes));
  if (cover.kind !== 'none') return cover.kind === 'seats' ? 'register' : 'lapsed';
  const { cost } = readName(known, name);
  return cost === 'built-in' ? 'free' : cost;
}

const MAX_TEXT = 128;

export function hostStatus(sample: FactSample | undefined): HostStatus | null {
  if (!sample?.ok) return null;
  const { os, support, firewall } = sample.values;
  const [system, mended, filter] = [os, support, firewall].map(recordOf);
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : null);
  const flag = (value: unknown) => (typeof value === 'boolean' ? value : null);
  const until = text(mended!.until);
  return {
    at: iso(sample.at),
    os: text(mended!.release) ?? text(system!.name),
    supported: flag(mended!.supported),
    supportUntil: until !== null && /^\d{4}-\d{2}-\d{2}$/.test(until) ? until : null,
    firewallOn: flag(filter!.on),
    firewallBy: text(filter!.by),
    reportId: sample.reportId,
  };
}

const iso = (at: number) => new Date(at).toISOString();
const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
