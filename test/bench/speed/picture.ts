/**
 * `npm run -s picture:speed > deploy/pictures/mot-lan-do.svg`: one real test on a line of 46 Mbps (IP) with 20 ms of delay,
 * drawn: rate over time, slow start grey, interval as a band, the threshold of 45. In namespaces (root).
 */
import { formatNumber } from '../../../shared/vietnamese.ts';
import { shapedLine, whyNoShapedLines } from '../../agent/internet-speed/shaped.ts';
import { delayed } from './delayed.ts';

const LINE_MBPS = 46;
const SERVER = new URL('./server.ts', import.meta.url);
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [760, 320, 56, 16, 24, 44];

interface Values {
  curve: number[];
  curveSeconds: number;
  rampSeconds: number;
  seconds: number;
  payloadMbps: number;
  lineMbps: number;
  lineLowMbps: number;
  lineHighMbps: number;
  downloadBytes: number;
  latency: { idleMs: number; downMs: number };
}

const why = whyNoShapedLines();
if (why) {
  process.stderr.write(`not here: ${why}\n`);
  process.exit(1);
}
const line = await shapedLine(10_000, SERVER);
try {
  const host = await delayed(line, LINE_MBPS);
  const url = `http://${host}:8080/`;
  const { values } = await line.probe({
    providers: [{ provider: 'http', urls: [url] }],
    layer: 'ip',
    upload: 'never',
    minSeconds: 3,
  });
  process.stdout.write(draw(values as unknown as Values));
} finally {
  line.close();
}
process.exit(0);

function draw(values: Values): string {
  // The curve is of payload; the picture shows the line.
  const factor = values.lineMbps / values.payloadMbps;
  const rates = values.curve.map((mbps) => mbps * factor);
  const end = rates.length * values.curveSeconds;
  const most = Math.max(60, ...rates) * 1.05;
  const x = (seconds: number) => LEFT + (seconds / end) * (WIDTH - LEFT - RIGHT);
  const y = (mbps: number) => TOP + (1 - mbps / most) * (HEIGHT - TOP - BOTTOM);
  const number = (value: number) => value.toFixed(1);
  const points = rates.map((mbps, step) => `${number(x((step + 0.5) * values.curveSeconds))},${number(y(mbps))}`);
  const [ramp, until] = [values.rampSeconds, Math.min(end, values.rampSeconds + values.seconds)];
  const grid = [0, 15, 30, 45, 60].map(
    (mbps) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${number(y(mbps))}" y2="${number(y(mbps))}" stroke="#ddd"/>` +
      `<text x="${LEFT - 8}" y="${number(y(mbps) + 4)}" text-anchor="end">${mbps}</text>`,
  );
  const seconds = Array.from(
    { length: Math.floor(end) + 1 },
    (_, at) => `<text x="${number(x(at))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${at}</text>`,
  );
  const told =
    `${formatNumber(values.lineMbps, 2)} Mbps (khoảng tin cậy 95 %: ${formatNumber(values.lineLowMbps, 2)} – ${formatNumber(values.lineHighMbps, 2)}), ` +
    `${formatNumber(values.downloadBytes / 1e6, 1)} MB; độ trễ ${formatNumber(values.latency.idleMs, 0)} ms, khi tải ${formatNumber(values.latency.downMs, 0)} ms`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img">
<title>Một lần đo đường truyền ${LINE_MBPS} Mbps: ${told}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<rect x="${LEFT}" y="${TOP}" width="${number(x(ramp) - LEFT)}" height="${HEIGHT - TOP - BOTTOM}" fill="#ced4da" fill-opacity="0.7"/>
${grid.join('\n')}
<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${number(y(45))}" y2="${number(y(45))}" stroke="#e03131" stroke-dasharray="6 4" stroke-width="1.5"/>
<text x="${WIDTH - RIGHT - 4}" y="${number(y(45) + 16)}" text-anchor="end" fill="#c92a2a">45 Mbps</text>
<rect x="${number(x(ramp))}" y="${number(y(values.lineHighMbps))}" width="${number(x(until) - x(ramp))}" height="${number(Math.max(1.5, y(values.lineLowMbps) - y(values.lineHighMbps)))}" fill="#1971c2" fill-opacity="0.3"/>
<polyline points="${points.join(' ')}" fill="none" stroke="#1971c2" stroke-width="2"/>
${seconds.join('\n')}
<rect x="${LEFT + 4}" y="6" width="12" height="12" fill="#ced4da"/><text x="${LEFT + 22}" y="16">tăng tốc, không tính</text>
<rect x="${LEFT + 164}" y="6" width="12" height="12" fill="#1971c2" fill-opacity="0.3"/><text x="${LEFT + 182}" y="16">phần được tính, cao bằng khoảng tin cậy</text>
<text x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle" fill="#343a40">${told}</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - BOTTOM + 18}" text-anchor="end">giây</text>
<text x="${LEFT - 8}" y="${TOP - 8}" text-anchor="end">Mbps</text>
</svg>
`;
}
