import { Text } from '@mantine/core';
import { type Curve, readCurve, readSpeedTest, type SpeedTest } from '../../../shared/speed-test.ts';
import { formatNumber } from '../../../shared/vietnamese.ts';
import { useT } from '../messages/messages.tsx';
import { heightOn, niceScale } from './scale.ts';

/**
 * One speed test while it ran: the rate at each moment, its slow start, the result with its interval and, where it is
 * known, the threshold. Null where the test kept no curve.
 */
export function RunPicture({
  values,
  thresholdMbps,
}: {
  values: Readonly<Record<string, unknown>>;
  thresholdMbps?: number | undefined;
}) {
  const t = useT();
  const curve = readCurve(values);
  if (!curve) return null;
  const test = readSpeedTest(values);
  const { lineMbps, lowMbps, highMbps } = test;
  const factor = lineFactor(test);
  const steps = curve.mbps.map((step) => (step === null ? null : step * factor));
  const known = steps.filter((step) => step !== null);
  const scale = niceScale([0, most(known), thresholdMbps ?? 0, highMbps ?? 0, lineMbps ?? 0]);
  const y = (value: number) => heightOn(scale, value);
  const seconds = steps.length * curve.everySeconds;
  const ramp = Math.min(curve.rampSeconds, seconds);
  const rampWidth = (ramp / seconds) * 100;
  return (
    <figure className="chart">
      <div className="speed-frame run-frame">
        <div className="speed-scale" aria-hidden>
          {scale.map((value) => (
            <span key={value} style={{ top: `${y(value)}%` }}>
              {formatNumber(value)}
            </span>
          ))}
        </div>
        <div
          className="speed-plot"
          role="img"
          aria-label={t('runPicture', {
            count: known.length,
            seconds: formatNumber(seconds),
            low: formatNumber(-most(known.map((step) => -step))),
            high: formatNumber(most(known)),
            ramp: formatNumber(ramp),
          })}
        >
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            {scale.map((value) => (
              <line key={value} x1={0} x2={100} y1={y(value)} y2={y(value)} className="line-scale" />
            ))}
            <rect x={0} width={rampWidth} y={0} height={100} className="area-ramp" />
            {lowMbps !== null && highMbps !== null && (
              <rect
                x={rampWidth}
                width={100 - rampWidth}
                y={y(highMbps)}
                height={y(lowMbps) - y(highMbps)}
                className="area-interval"
              />
            )}
            {lineMbps !== null && (
              <line x1={rampWidth} x2={100} y1={y(lineMbps)} y2={y(lineMbps)} className="line-result" />
            )}
            {thresholdMbps !== undefined && (
              <line x1={0} x2={100} y1={y(thresholdMbps)} y2={y(thresholdMbps)} className="line-threshold" />
            )}
            <path d={pathOf(steps, y)} className="line-run" />
          </svg>
        </div>
        <div className="axis speed-axis" aria-hidden>
          <span className="axis-label" style={{ left: 0 }}>
            0
          </span>
          <span className="axis-label" style={{ right: 0 }}>
            {t('runSeconds', { n: formatNumber(seconds) })}
          </span>
        </div>
      </div>
      <Text size="xs" component="p" m={0} className="legend">
        <span>
          <i className="swatch-line swatch-run" /> {t('runRate')}
        </span>
        {ramp > 0 && (
          <span>
            <i className="swatch swatch-ramp" /> {t('runRamp', { n: formatNumber(ramp) })}
          </span>
        )}
        {lineMbps !== null && (
          <span>
            <i className="swatch-line swatch-result" /> {t('runResult', { n: formatNumber(lineMbps) })}
          </span>
        )}
        {lowMbps !== null && highMbps !== null && (
          <span>
            <i className="swatch swatch-interval" />{' '}
            {t('runBand', { low: formatNumber(lowMbps), high: formatNumber(highMbps) })}
          </span>
        )}
        {thresholdMbps !== undefined && (
          <span>
            <i className="swatch-line swatch-threshold" /> {t('speedThreshold', { n: formatNumber(thresholdMbps) })}
          </span>
        )}
      </Text>
    </figure>
  );
}

/** Headers take more than this of no line. */
const MOST_OVERHEAD = 1.2;

/** The curve counts payload, the result the line: by how much the test's own figures differ. */
function lineFactor({ lineMbps, payloadMbps }: SpeedTest): number {
  const factor = lineMbps !== null && payloadMbps !== null ? lineMbps / payloadMbps : 1;
  return factor >= 1 && factor <= MOST_OVERHEAD ? factor : 1;
}

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** Each step stands in the middle of its time; one that makes no sense interrupts the line. */
function pathOf(steps: Curve['mbps'], y: (value: number) => number): string {
  let path = '';
  let isDrawing = false;
  for (const [index, step] of steps.entries()) {
    if (step !== null) {
      const x = ((index + 0.5) / steps.length) * 100;
      path += `${isDrawing ? 'L' : 'M'}${x.toFixed(2)},${y(step).toFixed(2)}`;
    }
    isDrawing = step !== null;
  }
  return path;
}
