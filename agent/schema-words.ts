/** What a schema finds wrong, in words for the person who wrote the file. Shows limits of the schema, no values. */

export interface SchemaError {
  keyword: string;
  schemaPath: string;
  instancePath: string;
  message: string;
  params: object;
}

/** The error that a person can act on: an unknown key first, with the pointer to the key itself. */
export function clearest(errors: readonly SchemaError[], schema: object): { pointer: string; message: string } {
  const unknown = errors.find((error) => error.keyword === 'boolean');
  if (unknown) return { pointer: unknown.instancePath, message: 'khoá không được biết (unknown key)' };
  const error = errors[0]!;
  const { requiredProperties } = error.params as { requiredProperties?: string[] };
  if (error.keyword === 'required')
    return { pointer: `${error.instancePath}/${requiredProperties?.[0]}`, message: 'thiếu (missing)' };
  if (error.keyword !== 'const') return { pointer: error.instancePath, message: words(error, schema) };
  // A union of literals tells each of its alternatives.
  const allowed = errors
    .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === error.instancePath)
    .map(({ params }) => String((params as { allowedValue: unknown }).allowedValue));
  return { pointer: error.instancePath, message: `phải là một trong: ${allowed.join(', ')}` };
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'một nhóm {…}',
  array: 'một danh sách […]',
  string: 'chữ trong ngoặc kép',
  number: 'số, không có ngoặc kép',
  integer: 'số nguyên',
  boolean: 'true hoặc false',
};

function words({ keyword, params, schemaPath }: SchemaError, schema: object): string {
  const { limit, type } = params as { limit?: number; type?: string };
  switch (keyword) {
    case 'type':
      return `phải là ${TYPES[type ?? ''] ?? type}`;
    case 'minimum':
      return `phải từ ${limit} trở lên`;
    case 'maximum':
      return `không được quá ${limit}`;
    case 'exclusiveMinimum':
      return `phải lớn hơn ${limit}`;
    case 'minLength':
      return limit === 1 ? 'không được để trống' : `phải dài ít nhất ${limit} ký tự`;
    case 'maxLength':
      return `không được dài quá ${limit} ký tự`;
    case 'minItems':
      return `phải có ít nhất ${limit} mục`;
    case 'maxItems':
      return `không được quá ${limit} mục`;
    case 'pattern':
      return `viết không đúng dạng: ${descriptionAt(schemaPath, schema) ?? 'có ký tự không dùng được ở đây'}`;
    default:
      return `không đúng (${keyword})`;
  }
}

/** `description` of the schema at `#/properties/…`: what a pattern wants, in words. */
function descriptionAt(schemaPath: string, schema: object): string | undefined {
  let here: unknown = schema;
  for (const step of schemaPath.split('/').slice(1)) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  const { description } = (here ?? {}) as { description?: unknown };
  return typeof description === 'string' ? description : undefined;
}
