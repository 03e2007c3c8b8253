/** Round values around the given ones, evenly spaced, each once. Not from 0: a threshold near the values must be seen. */
export function niceScale(values: readonly number[]): number[] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const rough = Math.max((most - least) / 4, 0.5);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.max(0, Math.floor(least / step - 0.2));
  const last = Math.ceil(most / step + 0.2);
  return Array.from({ length: last - first + 1 }, (_, index) => Math.round((first + index) * step * 100) / 100);
}

/** Where a value stands between the ends of a scale, per cent from the top. */
export const heightOn = (scale: readonly number[], value: number): number => {
  const [least, most] = [scale[0]!, scale.at(-1)!];
  return 100 - ((Math.min(most, Math.max(least, value)) - least) / (most - least)) * 100;
};
