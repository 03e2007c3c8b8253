import { formatNumber } from '../../../shared/vietnamese.ts';
import type { Sample } from '../../../shared/wire/report.ts';
import { formatWhenExact } from '../format.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';
import { sayReason } from '../words.ts';

/** What one sample measured as a list of names and figures; the JSON as it was signed stands behind a disclosure. */
export function SampleValues({ sample }: { sample: Sample }) {
  const t = useT();
  const lines = Object.entries(sample.values)
    .map(([name, value]) => ({ name: sayName(name, t), value: say(name, value, sample.probe, t) }))
    .filter(({ value }) => value !== '');
  return (
    <>
      <dl className="values">
        {lines.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>{t('rawJson')}</summary>
        <pre className="raw">{JSON.stringify(sample.values, null, 2)}</pre>
      </details>
    </>
  );
}

/** The unit that a name ends with (`rttMs`, `lineMbps`). */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Mbps$/, ' Mbps'],
  [/Ms$/, ' ms'],
  [/Bytes$|^bytes$/, ' B'],
  [/Px$/, ' px'],
  [/Percent$/, ' %'],
  [/S$|[sS]econds$/, ' s'],
];
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function sayName(name: string, t: Translate): string {
  const key = keyOf('value_', name);
  return key ? t(key) : name;
}

/** Empty where there is nothing to tell. */
function say(name: string, value: unknown, probe: string, t: Translate): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'number')
    return `${formatNumber(value, 3)}${UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? ''}`;
  if (typeof value === 'string') return sayText(name, value, probe, t);
  if (Array.isArray(value)) {
    if (value.length === 0) return name === 'products' ? t('antivirusNone') : '';
    return value.map((entry) => say(name, entry, probe, t)).join('; ');
  }
  return Object.entries(value)
    .map(([inner, entry]) => ({ inner, said: say(inner, entry, probe, t) }))
    .filter(({ said }) => said !== '')
    .map(({ inner, said }) => (inner === 'name' ? said : `${sayName(inner, t)}: ${said}`))
    .join(', ');
}

function sayText(name: string, value: string, probe: string, t: Translate): string {
  if (INSTANT.test(value)) return formatWhenExact(value);
  const key = name === 'state' ? keyOf(probe === 'camera' ? 'cam_' : 'word_', value) : keyOf('word_', value);
  if (key) return t(key);
  return name === 'ipp' || name === 'invalidReason' ? sayReason(value, t) : value;
}
