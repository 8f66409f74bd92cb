import type { ByteRange } from "../recordings/byte_range.ts";

/**
 * The bytes a `Range` header asks for: `null` when the whole is to be answered, because the header is
 * not there, is no range of bytes, or asks for several; `"unsatisfiable"` when it asks for none that
 * there are (RFC 9110, 14).
 *
 * @param length of the whole, in bytes
 */
export function rangeOf(
  header: string | undefined,
  length: number,
): ByteRange | null | "unsatisfiable" {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === undefined || (first === "" && last === "")) return null;
  if (first === "") {
    const count = Math.min(Number(last), length);
    return count === 0 ? "unsatisfiable" : { start: length - count, end: length };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= length) return "unsatisfiable";
  return { start, end: last === "" ? length : Math.min(Number(last) + 1, length) };
}
