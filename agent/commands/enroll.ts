import { collectorUrl } from '../config.ts';
import { enrol } from '../uplink/enrol.ts';
import { type Call, EXIT, machineOf, UsageError } from './call.ts';

/** By hand, with the code that a person types or that stands in the configuration. */
export async function enroll(call: Call): Promise<number> {
  const { config, options, stdout, stderr } = call;
  const code = options.code ?? config.code;
  if (!code) throw new UsageError('thiếu --code MÃ');
  const given = options.collector ?? config.collector;
  if (given === undefined) throw new UsageError('thiếu --collector URL (tệp cấu hình không có "collector")');
  const collector = collectorUrl(given);
  if (collector === null) throw new UsageError('--collector phải là địa chỉ http:// hoặc https://');
  const { agentId, school } = await enrol(
    config.dataDir,
    collector,
    code,
    config.role === 'endpoint' ? { machine: await machineOf(call) } : undefined,
    config.code,
  );
  stdout(`Đã ghi danh: ${agentId}, ${school.name} (${school.id}), collector ${collector}\n`);
  if (config.collector !== undefined && config.collector !== collector)
    stderr(
      `agent: chú ý: lệnh run gửi về ${config.collector} theo "collector" trong ${config.file}, hãy sửa cho khớp\n`,
    );
  return EXIT.done;
}
