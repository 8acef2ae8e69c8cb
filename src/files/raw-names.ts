import { isUtf8 } from "node:buffer";

/** Text of bytes; those that are no UTF-8 become lone surrogates, so that two names stay two. */
export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const end = [1, 2, 3, 4].map((length) => at + length).find((one) => isUtf8(bytes.subarray(at, one)));
    text += end === undefined ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString("utf8", at, end);
    at = end ?? at + 1;
  }
  return text;
}

const RAW = /[\udc80-\udcff]/u;

/** The name of a file on disk, of what {@link textOfBytes} has made of it. */
export function diskName(path: string): string | Buffer {
  if (!RAW.test(path)) return path;
  return Buffer.concat(
    [...path].map((one) => (RAW.test(one) ? Buffer.from([one.charCodeAt(0) - 0xdc00]) : Buffer.from(one))),
  );
}

/** The same in the C style of git, in which such a byte is `\377`. */
export function octalBytes(path: string): string {
  return path.replace(new RegExp(RAW, "gu"), (one) => `\\${(one.charCodeAt(0) - 0xdc00).toString(8)}`);
}

/** A path as a part of an address, byte for byte: such a byte is `%FF`. */
export function uriOf(path: string): string {
  const name = diskName(path);
  const bytes = typeof name === "string" ? Buffer.from(name) : name;
  return bytes
    .toString("latin1")
    .replace(/[^\w.!~*'()/-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
