import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { formatDate } from '../../../shared/vietnamese.ts';
import type { HostStatus, School, ShownProduct, WatchedAsset } from '../../api/schemas/school.ts';
import { formatWhen } from '../format.ts';
import { type Translate, useT } from '../messages/messages.tsx';

type Finding = School['findings'][number];
type Tone = 'good' | 'bad' | 'unknown' | 'plain';
interface Chip {
  tone: Tone;
  says: string;
}

/** A word and a sign go with each colour. */
const SIGNS: Record<Tone, string> = { good: '✓ ', bad: '✕ ', unknown: '? ', plain: '' };

/** The PCs that a rule judges, worst first, each with what it told; why is the finding's own word. */
export function AntivirusList({
  finding,
  school,
  fits,
}: {
  finding: Finding;
  school: School;
  fits(asset: WatchedAsset): boolean;
}) {
  const t = useT();
  const judged = (of: Finding['faults']) => new Map(of.map(({ assetId, why }) => [assetId, why]));
  const [faults, missing] = [judged(finding.faults), judged(finding.missing)];
  const order = ({ id }: WatchedAsset) => (faults.has(id) ? 0 : missing.has(id) ? 1 : 2);
  const computers = school.assets
    .filter((asset) => asset.kind === 'pc' && fits(asset))
    .sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, 'vi'));
  if (computers.length === 0) return null;
  return (
    <>
      {finding.also?.map((says) => (
        <Text size="sm" key={says}>
          {says}
        </Text>
      ))}
      {finding.rule === 'III.3.1.a' && (
        <Anchor component={Link} href={`/truong/${school.id}/ban-quyen`} size="sm">
          {t('licencesOf', { name: school.name })}
        </Anchor>
      )}
      <ul className="pc-list" aria-label={t('avList', { rule: finding.rule })}>
        {computers.map((asset) => {
          const why = faults.get(asset.id) ?? missing.get(asset.id);
          const place = order(asset);
          return (
            <li key={asset.id}>
              <Text size="sm" span fw={600}>
                {SIGNS[(['bad', 'unknown', 'good'] as const)[place]!]}
                {asset.name}
              </Text>{' '}
              <Text size="sm" span>
                ({t(asset.use ? `use_${asset.use}` : 'use_none')}) {why ?? t('avGood')}
                {asset.antivirus && ` · ${t('avAt', { time: formatWhen(asset.antivirus.at) })}`}
              </Text>
              <div className="chips">
                {[...productChips(asset, t), ...hostChips(asset.host, t)].map(({ tone, says }) => (
                  <span key={says} className={`chip chip-${tone}`}>
                    {SIGNS[tone]}
                    {says}
                  </span>
                ))}
              </div>
            </li>
          );
        })}
      </ul>
      <Text size="xs">{t('avNote')}</Text>
    </>
  );
}

function productChips({ antivirus }: WatchedAsset, t: Translate): Chip[] {
  if (!antivirus) return [{ tone: 'unknown', says: t('avNever') }];
  if (antivirus.products === null) return [{ tone: 'unknown', says: t('avNoAnswer') }];
  if (antivirus.products.length === 0) return [{ tone: 'bad', says: t('antivirusNone') }];
  const isProtected = antivirus.products.some(({ on }) => on === true);
  return antivirus.products.map((product) => {
    const { name, on } = product;
    const state = product.state ?? (on === null ? 'unknown' : on ? 'on' : 'off');
    // A second product that is off beside one that is on is normal.
    const tone = on === true ? 'good' : isProtected ? 'plain' : on === null ? 'unknown' : 'bad';
    const rest = on === true ? [sayDefinitions(product, t), t(`avLicence_${product.licence}`)] : [];
    return { tone, says: `${name}: ${[t(`avState_${state}`), ...rest].join(', ')}` };
  });
}

function sayDefinitions({ upToDate, definitionsAt }: ShownProduct, t: Translate): string {
  if (definitionsAt !== null) return t('avDefinitions', { day: formatDate(definitionsAt) });
  return t(upToDate === null ? 'avDefinitionsUnknown' : upToDate ? 'avFresh' : 'avStale');
}

/** Evidence beside: never red, since no point hangs on it. */
function hostChips(host: HostStatus | null, t: Translate): Chip[] {
  if (!host) return [];
  const { firewallOn, firewallBy, os, supported, supportUntil } = host;
  const firewall =
    firewallOn === null
      ? t('avFirewallUnknown')
      : firewallOn
        ? t('avFirewallOn', { by: firewallBy ?? '' })
        : t('avFirewallOff');
  const chips: Chip[] = [{ tone: 'plain', says: firewall }];
  if (os === null) return chips;
  const known = supported !== null && supportUntil !== null;
  const day = supportUntil === null ? '' : formatDate(`${supportUntil}T00:00:00+07:00`);
  const key = !known ? 'avOsUnknown' : supported ? 'avOsSupported' : 'avOsEnded';
  return [...chips, { tone: 'plain', says: t(key, { os, day }) }];
}
