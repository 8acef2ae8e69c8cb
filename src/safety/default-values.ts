/** `${NAME:-text}` with all of the text known. */
const DEFAULT = /\$\{\w+:?[-=]([^${}]*)\}/g;

/** A text in which every variable that cannot be read takes its default; one without a default stays. */
export function fillDefaults(text: string): string {
  return text.replace(DEFAULT, "$1");
}
