import { readCurve } from '../../../shared/speed-test.ts';
import { formatNumber, formatShare } from '../../../shared/vietnamese.ts';
import type { Sample } from '../../../shared/wire/report.ts';
import { formatWhenExact } from '../format.ts';
import { keyOf, type Translate, useT } from '../messages/messages.tsx';
import { sayMark, sayProvider, sayReason } from '../words.ts';
import { RunPicture } from './run-picture.tsx';

/**
 * What one sample measured as a list of names and figures, a speed test's course as a picture; the JSON as it was signed
 * stands behind a disclosure.
 */
export function SampleValues({ sample, thresholdMbps }: { sample: Sample; thresholdMbps?: number }) {
  const t = useT();
  const isDrawn = sample.probe === 'internet-speed' && readCurve(sample.values) !== null;
  const lines = Object.entries(sample.values)
    .filter(([name]) => !isDrawn || !DRAWN.has(name))
    .map(([name, value]) => ({ name: sayName(name, t), value: say(name, value, sample.probe, t) }))
    .filter(({ value }) => value !== '');
  return (
    <>
      {isDrawn && <RunPicture values={sample.values} thresholdMbps={thresholdMbps} />}
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

/** What the picture shows of a speed test. */
const DRAWN: ReadonlySet<string> = new Set(['curve', 'curveSeconds']);
/** A longer list of figures is none that anybody reads. */
const MOST_LISTED = 40;

/** The unit that a name ends with (`rttMs`, `lineMbps`). */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Mbps$/, ' Mbps'],
  [/Ms$/, ' ms'],
  [/Mhz$/, ' MHz'],
  [/Dbm$/, ' dBm'],
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
  if (typeof value === 'number') return sayNumber(name, value);
  if (typeof value === 'string') return sayText(name, value, probe, t);
  if (Array.isArray(value)) {
    if (value.length > MOST_LISTED) return t('manyValues', { n: value.length });
    if (value.length === 0) return name === 'products' ? t('antivirusNone') : '';
    return value.map((entry) => say(name, entry, probe, t)).join('; ');
  }
  return Object.entries(value)
    .map(([inner, entry]) => ({ inner, said: say(inner, entry, probe, t) }))
    .filter(({ said }) => said !== '')
    .map(({ inner, said }) => (inner === 'name' ? said : `${sayName(inner, t)}: ${said}`))
    .join(', ');
}

function sayNumber(name: string, value: number): string {
  if (/Share$/.test(name)) return formatShare(value, 2);
  const unit = UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? '';
  return unit === ' B' && value >= 1e6 ? `${formatNumber(value / 1e6, 1)} MB` : `${formatNumber(value, 3)}${unit}`;
}

function sayText(name: string, value: string, probe: string, t: Translate): string {
  if (INSTANT.test(value)) return formatWhenExact(value);
  if (name === 'provider' && probe === 'internet-speed') return sayProvider(value, t);
  if (name === 'marks' && keyOf('mark_', value)) return sayMark(value, t);
  const printerReason = probe === 'printer' && name === 'reasons' ? keyOf('printer_', value) : undefined;
  if (printerReason) return t(printerReason);
  const key = name === 'state' ? keyOf(probe === 'camera' ? 'cam_' : 'word_', value) : keyOf('word_', value);
  if (key) return t(key);
  return name === 'ipp' || name === 'snmp' || name === 'invalidReason' || name === 'reason'
    ? sayReason(value, t)
    : value;
}
