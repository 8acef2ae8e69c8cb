import { type Mermaid, made } from "../contract/media.ts";

/** A line of a Mermaid chart as it is written out, with values that are Mermaid already. */
export function mermaid(text: TemplateStringsArray, ...values: readonly (Mermaid | number)[]): Mermaid {
  return made(String.raw({ raw: text }, ...values));
}

/** Mermaid takes entities in labels; quotes, brackets and line breaks of a name must not end the label. */
export function escapeLabel(text: string): Mermaid {
  return made(text.replace(/[^\w ./+-]/gu, (char) => `#${char.codePointAt(0)};`));
}
