/** Whether a value holds a variable that nobody filled in, or ciphertext: then it is not known. */
export function isOpenText(value: unknown): boolean {
  return typeof value === "string" && /\$\{|ENC\[/.test(value);
}
