import { formatNumber, formatShare } from '../../shared/vietnamese.ts';
import { formatDuration } from './format.ts';
import { keyOf, type Translate } from './messages/messages.tsx';

/** Names of the wire format and of the collector's policy as a person reads them. What is not known here is shown as it is. */

export type PeriodUnit = 'school-day' | 'minute';

const SHARES = new Set([
  'minExpectedShare',
  'trackingMissingShare',
  'dropShareMax',
  'internetShareMin',
  'internetUncertainty',
  'internetUncertaintyMax',
  'accessPointAwayShareMax',
  'wifiLossShareMax',
  'wifiLossyHostsShare',
  'cameraLiveShareMin',
]);
const SECONDS = new Set([
  'agentSilentSeconds',
  'dropMinSeconds',
  'dropMaxSeconds',
  'onMinSeconds',
  'incidentMinSeconds',
  'internetOutageMinSeconds',
]);
const PERIODS = new Set([
  'windowPeriods',
  'minPeriods',
  'antivirusMaxAgePeriods',
  'repairLimitPeriods',
  'wifiBadPeriods',
]);

export function sayPolicyName(name: string, t: Translate): string {
  const key = keyOf('policy_', name);
  return key ? t(key) : name;
}

/** One line, or a line a probe. `unit`: in which the value counts its periods. */
export function sayPolicyValue(name: string, value: unknown, unit: PeriodUnit, t: Translate): string[] {
  if (name === 'periodUnit') return [t(value === 'minute' ? 'periodMinute' : 'periodSchoolDay')];
  if (typeof value === 'number') {
    if (SHARES.has(name)) return [formatShare(value)];
    if (SECONDS.has(name)) return [formatDuration(value, t)];
    if (PERIODS.has(name))
      return [t(unit === 'minute' ? 'periodsMinute' : 'periodsSchoolDay', { n: formatNumber(value) })];
    const key = keyOf('policyUnit_', name);
    return [key ? t(key, { n: formatNumber(value) }) : formatNumber(value, 3)];
  }
  if (name === 'expectedEverySeconds' && typeof value === 'object' && value !== null)
    return Object.entries(value).map(
      ([probe, seconds]) => `${sayProbe(probe, t)}: ${formatDuration(Number(seconds), t)}`,
    );
  return [JSON.stringify(value)];
}

export function sayProbe(probe: string, t: Translate): string {
  const key = keyOf('probe_', probe);
  return key ? t(key) : probe;
}

/** Why a measurement failed, in words. */
export function sayReason(reason: string | null, t: Translate): string {
  const key = keyOf('reason_', reason ?? 'failed');
  return key ? t(key) : (reason ?? '');
}

/** Why a speed test is a lower bound only. */
export const sayMark = (mark: string, t: Translate): string => t(keyOf('mark_', mark) ?? 'mark_other');
export const sayMend = (mark: string, t: Translate): string => t(keyOf('mend_', mark) ?? 'mend_other');

export function sayProvider(provider: string | null, t: Translate): string {
  if (provider === null) return t('providerUnknown');
  const key = keyOf('provider_', provider);
  return key ? t(key) : provider;
}
