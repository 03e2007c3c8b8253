import { hostname } from 'node:os';
import { Compile } from 'typebox/compile';
import type { Machine } from '../../shared/wire/machine.ts';
import { ApiError, EnrolAnswer, EnrolRequest } from '../../shared/wire/report.ts';
import { codeDigest, enrollingKey, type Identity, saveIdentity } from './identity.ts';
import { type Answer, NoAnswerError, post } from './post.ts';
import { VERSION } from './version.ts';

/** Enrolment: a code and a public key against a name (`POST /api/v1/enrol`). */

const requestSchema = Compile(EnrolRequest);
const answerSchema = Compile(EnrolAnswer);
const errorSchema = Compile(ApiError);

/** Enrolment failed; the message is one line in Vietnamese that says what to do. */
export class EnrolError extends Error {
  override name = 'EnrolError';
  /** The collector's error code, or `network`, `code-shape`, `no-collector`. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message.replaceAll(/\s*\n\s*/g, ' '));
    this.code = code;
  }
}

/** What an endpoint says beside: its hardware, and who it was before it had to enrol anew. */
export interface EndpointSays {
  machine: Machine;
  formerAgent?: string | undefined;
}

/**
 * Enrols at `collector` (base address) and keeps the identity in `dataDir`. An earlier identity is replaced on success only.
 * `configured`: the code in the configuration, which another one makes superfluous.
 */
export async function enrol(
  dataDir: string,
  collector: string,
  code: string,
  endpoint?: EndpointSays,
  configured?: string,
): Promise<Identity> {
  const trimmed = code.trim();
  const { publicKey, privateKey } = await enrollingKey(dataDir, endpoint?.machine);
  const request: EnrolRequest = {
    code: trimmed,
    publicKey,
    hostname: hostname().slice(0, 128) || 'unknown',
    version: VERSION,
    ...(endpoint ? { machine: endpoint.machine } : {}),
    ...(endpoint?.formerAgent === undefined ? {} : { formerAgent: endpoint.formerAgent }),
  };
  if (!requestSchema.Check(request))
    throw new EnrolError('code-shape', 'mã ghi danh phải dài 8–64 ký tự: hãy chép lại nguyên mã từ trang của Phòng/Sở');
  let answer: Answer;
  try {
    answer = await post(`${collector}/api/v1/enrol`, JSON.stringify(request), { contentType: 'application/json' });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new EnrolError('network', `không nối được tới ${collector} (${error.message}): kiểm tra địa chỉ và mạng`);
  }
  if (answer.status !== 200 && answer.status !== 201) throw refusal(answer, collector);
  const body = answer.body;
  if (!answerSchema.Check(body))
    throw new EnrolError('no-collector', `${collector} trả lời nhưng không phải collector THĐT: kiểm tra địa chỉ`);
  const { agentId, school, target } = body;
  if (endpoint && target === undefined)
    throw new EnrolError('no-target', `${collector} chưa nhận máy tính của trường: cần collector phiên bản mới hơn`);
  const identity: Identity = {
    agentId,
    school: { id: school.id, name: school.name },
    collector,
    ...(endpoint && target !== undefined
      ? { target, machine: endpoint.machine }
      : { spentCodes: [...new Set([trimmed, configured ?? trimmed].map(codeDigest))] }),
    publicKey,
    privateKey,
  };
  await saveIdentity(dataDir, identity);
  return identity;
}

/** The collector's own words where it has some: by contract they say what to do next. */
function refusal({ status, body }: Answer, collector: string): EnrolError {
  if (errorSchema.Check(body))
    return new EnrolError(body.error.code, `${body.error.message.slice(0, 300)} (${body.error.code})`);
  if (status === 429) return new EnrolError('busy', 'thử quá nhiều lần: hãy đợi vài phút rồi ghi danh lại (HTTP 429)');
  if (status >= 500) return new EnrolError('busy', `collector đang lỗi (HTTP ${status}): hãy thử lại sau`);
  if ([400, 401, 403, 410, 422].includes(status))
    return new EnrolError('code-refused', `mã ghi danh sai, đã dùng hoặc hết hạn (HTTP ${status}): hãy xin mã mới`);
  return new EnrolError('no-collector', `${collector} không phải collector THĐT (HTTP ${status}): kiểm tra địa chỉ`);
}
