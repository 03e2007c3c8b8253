import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config.ts';
import { examine } from '../../../agent/doctor.ts';
import { probes } from '../../../agent/probes/registry.ts';
import { loadIdentity, saveIdentity } from '../../../agent/uplink/identity.ts';
import { FakeCollector } from '../runtime/fake-collector.ts';
import { identityOf, scratch, until, writeConfig } from '../runtime/helpers.ts';
import { probeOf } from '../runtime/probe-of.ts';
import { startSite, tabOf, written } from './running-site.ts';

/** An agent of a school whose installer wrote a code: it enrols without a person, and tells when a person is needed. */

const REFUSED = { status: 403, body: { error: { code: 'code-refused', message: 'mã sai, đã dùng hoặc quá hạn' } } };
const probe = () => probeOf('lan-reach', { everySeconds: 0.2 });
const config = (collector: string, more: object = {}) => ({
  collector,
  probes: { 'lan-reach': { targets: [{ id: 'pc' }] } },
  ...more,
});

/** A collector that enrols by these codes, once each; it answers the codes it was shown. */
async function collectorWith(...codes: string[]) {
  const collector = await FakeCollector.start();
  const shown: string[] = [];
  let down = 0;
  collector.instead = (url, body) => {
    if (!url.endsWith('/enrol')) return undefined;
    if (down-- > 0) return { status: 503, body: { error: { code: 'not-ready', message: 'đang bận' } } };
    const { code, publicKey } = JSON.parse(body);
    shown.push(code);
    if (!codes.includes(code)) return REFUSED;
    codes.splice(codes.indexOf(code), 1);
    const agentId = `agent-${code}`;
    collector.keys.set(agentId, publicKey);
    const school = { id: 'th-9', name: 'Tiểu học 9' };
    return { status: 201, body: { agentId, school, serverTime: new Date().toISOString() } };
  };
  const goDown = (times: number) => {
    down = times;
  };
  return { collector, shown, goDown };
}
const waits = { spreadMs: 0, minMs: 30, maxMs: 100 };
const agentsOf = ({ stored }: FakeCollector) => new Set([...stored.values()].map(({ agent }) => agent));

describe('a school’s agent with a code in its configuration', () => {
  it.each([{}, { localPage: false }])('enrols by itself once the district answers, and reports: %j', async (more) => {
    const { collector, shown, goDown } = await collectorWith('ABCD-EFGH-0001');
    goDown(2);
    const site = await startSite({
      probes: [probe()],
      config: config(collector.url, { code: 'ABCD-EFGH-0001', ...more }),
      enrolWaits: waits,
    });
    await until('a report', () => collector.stored.size > 0);
    expect(shown).toEqual(['ABCD-EFGH-0001']);
    expect(site.said()).toContain('vẫn thử lại: đang bận');
    expect(site.said().match(/vẫn thử lại/g)).toHaveLength(1);
    expect(site.said()).toContain('Đã ghi danh: Tiểu học 9');
    // The same file, started again: the code is spent and not shown again.
    await site.stop();
    const before = collector.stored.size;
    const again = await startSite({
      probes: [probe()],
      config: config(collector.url, { code: 'abcd efgh 0001', dataDir: path.join(site.dir, 'data'), ...more }),
      enrolWaits: waits,
    });
    await until('another report', () => collector.stored.size > before);
    expect(shown).toHaveLength(1);
    await again.stop();
  });

  it('tells once that the code is refused, on the page too, and takes another that is typed there', async () => {
    const { collector, shown } = await collectorWith('ABCD-EFGH-0002');
    const file = config(collector.url, { code: 'HET-HAN-0000' });
    const site = await startSite({ probes: [probe()], config: file, enrolWaits: waits });
    const tab = await tabOf(site);
    const view = await until('the refusal', async () => {
      const now = await tab.view();
      return now.enrolment ? now : undefined;
    });
    expect(view).toMatchObject({
      phase: 'enrol',
      enrolment: { how: 'refused', message: 'mã sai, đã dùng hoặc quá hạn (code-refused)' },
    });
    expect(site.said()).toContain('Mã cài đặt không dùng được: mã sai');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(shown).toEqual(['HET-HAN-0000']);
    expect((await tab.post('enrol', { code: 'ABCD-EFGH-0002', collector: collector.url })).status).toBe(200);
    await until('a report', () => collector.stored.size > 0);
    expect((await tab.view()).enrolment).toBeNull();
    // The refused code still stands in the file, and is done with.
    await tab.post('reload');
    await until('running again', async () => (await tab.view()).phase === 'running');
    expect(written(site).code).toBe('HET-HAN-0000');
    expect(shown).toEqual(['HET-HAN-0000', 'ABCD-EFGH-0002']);
  });

  it('goes on as it was enrolled until another code has enrolled it anew', async () => {
    const { collector, shown } = await collectorWith('ABCD-EFGH-0003');
    const site = await startSite({
      probes: [probe()],
      collector,
      config: config(collector.url, { code: 'ABCD-EFGH-0003' }),
      enrolWaits: { ...waits, spreadMs: 0 },
    });
    await until('the new agent', () => agentsOf(collector).has('agent-ABCD-EFGH-0003'));
    expect(shown).toHaveLength(1);
    await site.stop();
    const refused = await startSite({
      probes: [probe()],
      collector,
      config: config(collector.url, { code: 'HET-HAN-0000' }),
      enrolWaits: waits,
    });
    const seen = collector.stored.size;
    await until('reports in spite of it', () => collector.stored.size > seen);
    expect(refused.said()).toContain('Mã cài đặt không dùng được');
  });

  it('does not sign as a PC: an identity of that role is told, by doctor too, and replaced by a code', async () => {
    const { collector } = await collectorWith('ABCD-EFGH-0004');
    const dir = scratch();
    const dataDir = path.join(dir, 'data');
    await saveIdentity(dataDir, { ...(await identityOf('agent-pc', collector.url)), target: 'may-2345678bcd' });
    const wrong = await startSite({ probes: [probe()], config: config(collector.url, { dataDir }) });
    await until('the words', () => wrong.said().includes('ghi danh là máy tính thường'));
    await wrong.stop();
    const problemsOf = async (more: object) => {
      const own = { collector: collector.url, dataDir, probes: {}, ...more };
      const checks = await examine(loadConfig(writeConfig(dir, own), probes), { inService: true });
      return checks.find(({ name }) => name === 'identity')!;
    };
    expect((await problemsOf({})).problems).toEqual([expect.stringContaining('máy tính thường')]);
    expect(await problemsOf({ code: 'ABCD-EFGH-0004' })).toMatchObject({
      problems: [],
      cautions: [expect.stringContaining('tự ghi danh bằng mã')],
    });
    await startSite({
      probes: [probe()],
      config: config(collector.url, { dataDir, code: 'ABCD-EFGH-0004' }),
      enrolWaits: waits,
    });
    await until('a report as a site', () => agentsOf(collector).has('agent-ABCD-EFGH-0004'));
    expect(agentsOf(collector)).toEqual(new Set(['agent-ABCD-EFGH-0004']));
    expect((await loadIdentity(dataDir))?.target).toBeUndefined();
  });
});
