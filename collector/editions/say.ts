import type { EditionError } from '../../shared/rubric/edition.ts';

/**
 * What is wrong with an uploaded edition, in Vietnamese: the place as a JSON pointer with its line, then what to mend.
 * A message that is not known here is passed on as it is: the place leads there all the same.
 */
export function sayEditionError(error: EditionError): string {
  const message = error.message.replace(/^edition: /, '');
  const placed = /^(\/\S*) \(line (\d+)\) (.*)$/u.exec(message);
  if (placed) return `${placed[1]} (dòng ${placed[2]}): ${translated(placed[3]!)}`;
  const broken = /^line (\d+), column (\d+): (.*)$/u.exec(message);
  if (broken) return `dòng ${broken[1]}, cột ${broken[2]}: ${translated(broken[3]!)}`;
  return translated(message);
}

function translated(text: string): string {
  for (const [pattern, said] of SAY) if (pattern.test(text)) return text.replace(pattern, said);
  return text;
}

/** Patterns of `readJson`, of the schema (TypeBox's keywords) and of `checkLaws`, in this order. */
const SAY: readonly (readonly [RegExp, string])[] = [
  [/^expected a value, found (.*)$/, 'cần một giá trị nhưng gặp $1'],
  [/^expected a value, the text ends$/, 'thiếu giá trị, nội dung bị cắt ngang'],
  [/^expected a key in quotes, (?:found (.*)|the text ends)$/, 'cần một khóa trong ngoặc kép $1'],
  [/^expected the end of the text, found (.*)$/, 'nội dung phải kết thúc ở đây, nhưng còn $1'],
  [/^expected (.*), found (.*)$/, 'cần $1 nhưng gặp $2'],
  [/^expected (.*), the text ends$/, 'cần $1 nhưng nội dung đã hết'],
  [/^a number of more than (\d+) digits$/, 'số dài hơn $1 chữ số'],
  [/^a string does not end$/, 'chuỗi không có dấu ngoặc kép đóng'],
  [/^a line break or control character inside a string$/, 'chuỗi có ký tự xuống dòng hoặc điều khiển'],
  [/^a string with a wrong escape$/, 'chuỗi có ký tự thoát sai'],
  [/^key (.*) stands twice$/, 'khóa $1 lặp lại'],
  [/^the key (.*) is not allowed$/, 'không được dùng khóa $1'],
  [/^nested deeper than (\d+)$/, 'lồng sâu quá $1 tầng'],
  [/^the text is larger than (\d+) bytes$/, 'nội dung lớn hơn $1 byte'],
  [/^must have required properties (.*)$/, 'thiếu $1'],
  [/^must not have additional properties: (.*)$/, 'có khóa không được biết: $1'],
  [/^must be multiple of (.*)$/, 'phải là bội của $1'],
  [/^must be one of (.*)$/, 'phải là một trong: $1'],
  [/^must be count or percent on an award, absent elsewhere$/, 'chỉ mục award mới có by, là count hoặc percent'],
  [/^must be >= (.*)$/, 'phải từ $1'],
  [/^must be <= (.*)$/, 'không được quá $1'],
  [/^must be (string|number|integer|object|array|boolean)$/, 'sai kiểu, phải là $1'],
  [/^must be (?:either .*|equal to .*)$/, 'giá trị không thuộc các giá trị cho phép'],
  [/^must match .*$/, 'giá trị không đúng dạng'],
  [/^must not have fewer than (\d+) items$/, 'phải có từ $1 phần tử'],
  [/^must not have more than (\d+) items$/, 'không được quá $1 phần tử'],
  [/^must not have fewer than (\d+) characters$/, 'phải có từ $1 ký tự'],
  [/^must not have more than (\d+) characters$/, 'không được quá $1 ký tự'],
  [/^id (.*) stands twice$/, 'mã $1 lặp lại'],
  [/^maxima of the standards do not add up$/, 'tổng điểm các tiêu chuẩn không khớp điểm tối đa'],
  [/^maxima under (.*) do not add up$/, 'tổng điểm bên dưới $1 không khớp điểm tối đa của nó'],
  [/^is missing, and (.*) is mandatory$/, 'thiếu, trong khi tiêu chuẩn $1 là bắt buộc'],
  [
    /^(?:item|rule|reading|group) (.*) names unknown (unit|reading|level|standard) (.*)$/,
    '$1 nhắc đến $2 không có: $3',
  ],
  [/^item (.*) mixes rules .*$/, 'mục $1 trộn cách cộng điểm với cách trừ điểm'],
  [/^item (.*) has no rules that give points$/, 'mục $1 không có cách cộng điểm nào'],
  [/^rule (.*) gives more than the (.*) points of its item$/, '$1 cho quá $2 điểm của mục'],
  [/^a higher step of (.*) gives less$/, 'bậc cao hơn của $1 lại cho ít điểm hơn'],
  [/^tiers of (.*) have a gap before (.*)$/, 'các bậc của $1 hở trước $2'],
  [/^tiers of (.*): an open tier must be last$/, 'bậc không có giới hạn trên của $1 phải đứng cuối'],
  [/^stands below (.*)$/, 'nhỏ hơn $1'],
  [/^steps of (.*): (.*) does not follow (.*)$/, 'các bậc của $1: $2 không nối tiếp $3'],
  [/^(?:steps|shares) of (.*) are not in order$/, 'các mức của $1 không theo thứ tự tăng'],
  [/^a share of (.*) needs either from or above$/, 'mỗi mức của $1 cần đúng một trong from, above'],
  [/^nothing is above 100 percent$/, 'không có gì trên 100 %'],
  [/^standard (.*) stands in two groups$/, 'tiêu chuẩn $1 đứng trong hai nhóm'],
  [/^needs one of from, above .*$/, 'cần đúng một trong from, above (kèm of hoặc không), hoặc chỉ without'],
  [/^names no rule that takes points: (.*)$/, 'không phải cách trừ điểm: $1'],
  [/^names nothing that holds points: (.*)$/, 'không có nhóm, tiêu chuẩn, tiêu chí hay mục $1'],
  [/^cannot be met: the maximum is (.*)$/, 'không thể đạt: điểm tối đa là $1'],
  [/^grades must stand best first$/, 'các loại phải xếp từ cao xuống thấp'],
  [/^reading (.*) has no choice (.*)$/, 'cách đọc $1 không có lựa chọn $2'],
  [
    /^every choice of reading (.*) says (.*), or none does$/,
    'mọi lựa chọn của cách đọc $1 phải cùng có hoặc cùng không có $2',
  ],
  [/^reading (.*) is about unknown (.*)$/, 'cách đọc $1 nói về $2, không có'],
  [
    /^reading (.*) says points, and (.*) is no rule .*$/,
    'cách đọc $1 đổi điểm, nhưng $2 không có một mức điểm duy nhất',
  ],
  [/^reading (.*) decides the (.*) a second time$/, 'cách đọc $1 quyết định lần thứ hai: $2'],
  [/^no reading (.*)$/, 'không có cách đọc $1'],
];
