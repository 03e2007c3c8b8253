/** Numbers as typed by Vietnamese hands. Nothing is rounded, cut or guessed: what does not read as a number is undefined. */

/** Digits alone: "12". */
export function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}

/** With a decimal comma: "1,25". A point is refused: to some it parts thousands, to others decimals. */
export function readDecimal(text: string): number | undefined {
  return /^\d{1,9}(,\d{1,9})?$/.test(text.trim()) ? Number(text.replace(',', '.')) : undefined;
}
