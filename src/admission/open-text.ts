/** Whether a value holds a variable that nobody filled in, or ciphertext: then it is not known. */
export function isOpenText(value: unknown): boolean {
  return typeof value === "string" && /\$\{|ENC\[/.test(value);
}

/** Whether a text with variables may become another one: by what stands before the first and behind the last of them. */
export function mayBecome(open: string, text: string): boolean {
  const [first, last] = [open.indexOf("${"), open.lastIndexOf("}")];
  return first < 0 ? open === text : text.startsWith(open.slice(0, first)) && text.endsWith(open.slice(last + 1));
}

/** `${NAME:-text}` with all of the text known. */
const DEFAULT = /\$\{\w+:?[-=]([^${}]*)\}/g;

/** A text in which every variable that cannot be read takes its default; one without a default stays. */
export function fillDefaults(text: string): string {
  return text.replace(DEFAULT, "$1");
}
