import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ApiError, REFUSALS, RefusedError } from '../../shared/wire/report.ts';

/** Every error answer is shaped here: a code for programs, one Vietnamese line for people that says what to do next. */

const PROBLEMS = {
  'input-invalid': 400,
  'signature-stale': 400,
  'signature-used': 400,
  'signed-out': 401,
  'sign-in-refused': 401,
  'no-rights': 403,
  'not-found': 404,
  'already-exists': 409,
  'edit-conflict': 409,
  'not-now': 409,
  'speed-off': 404,
  'speed-busy': 409,
  'speed-streams': 409,
  'speed-lapsed': 410,
  'speed-often': 429,
  'code-refused': 403,
  'code-full': 403,
  'enrol-often': 429,
  'too-large': 413,
  'wrong-content-type': 415,
  'too-many-requests': 429,
  'not-ready': 503,
  internal: 500,
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** Something that the caller can mend. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  constructor(code: ProblemCode, message: string) {
    super(message);
    this.code = code;
  }
}

const answer = (code: string, message: string): ApiError => ({ error: { code, message } });

/** A schema's complaint in Vietnamese (Ajv's keywords, https://ajv.js.org/api.html#error-parameters). */
function sayInvalid(found: NonNullable<FastifyError['validation']>[number] | undefined): string {
  const params = (found?.params ?? {}) as Record<string, unknown>;
  switch (found?.keyword) {
    case 'required':
      return `thiếu ${params.missingProperty}`;
    case 'additionalProperties':
      return `có khóa không được biết: ${params.additionalProperty}`;
    case 'minLength':
      return `phải dài từ ${params.limit} ký tự`;
    case 'maxLength':
      return `dài quá ${params.limit} ký tự`;
    case 'pattern':
      return params.pattern === '\\S' ? 'không được để trống' : `không đúng dạng ${params.pattern}`;
    case 'minItems':
      return `phải chọn từ ${params.limit} mục`;
    case 'maxItems':
      return `nhiều quá ${params.limit} mục`;
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return `phải ${{ '>=': 'từ', '>': 'lớn hơn', '<=': 'không quá', '<': 'nhỏ hơn' }[String(params.comparison)] ?? ''} ${String(params.limit).replace('.', ',')}`;
    case 'type':
      return `sai kiểu, phải là ${params.type}`;
    default:
      return 'giá trị không hợp lệ';
  }
}

export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RefusedError) {
    request.log.warn({ code: error.code, detail: error.message }, 'report refused');
    return reply.code(REFUSALS[error.code].status).send(answer(error.code, error.message));
  }
  if (error instanceof Problem) return reply.code(PROBLEMS[error.code]).send(answer(error.code, error.message));
  const isReport = request.routeOptions.url === '/api/v1/reports';
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return reply
      .code(413)
      .send(answer(isReport ? 'report-too-large' : 'too-large', 'nội dung gửi lên vượt quá giới hạn kích thước'));
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return isReport
      ? reply.code(400).send(answer('report-malformed', 'báo cáo phải có content-type application/jose'))
      : reply.code(415).send(answer('wrong-content-type', 'content-type không được hỗ trợ'));
  if (error.validation) {
    const place = `${error.validationContext ?? 'body'}${error.validation[0]?.instancePath ?? ''}`;
    return reply.code(400).send(answer('input-invalid', `${place}: ${sayInvalid(error.validation[0])}`));
  }
  const status = error.statusCode ?? 500;
  if (status === 429)
    return reply.code(429).send(answer('too-many-requests', 'gửi quá nhiều yêu cầu, hãy thử lại sau ít phút'));
  if (status === 503) return reply.code(503).send(answer('not-ready', 'máy chủ đang bận, hãy thử lại sau'));
  if (status < 500) return reply.code(status).send(answer('input-invalid', error.message));
  request.log.error({ err: error }, 'request failed');
  return reply.code(500).send(answer('internal', 'lỗi máy chủ; quản trị viên xem nhật ký để biết chi tiết'));
}
