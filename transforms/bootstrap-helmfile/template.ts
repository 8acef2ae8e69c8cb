import { made, type Template } from "../../src/contract/media.ts";

/** A file that helmfile fills in, with values that are its text already: `goText` makes them, or this. */
export function template(text: TemplateStringsArray, ...values: readonly Template[]): Template {
  return made(String.raw({ raw: text }, ...values));
}

export function joinTemplate(parts: readonly Template[], between: "" | "\n"): Template {
  return made(parts.join(between));
}

/** A text as Go reads it between the braces, where no brace in it ends them. */
export function goText(text: string): Template {
  return made(JSON.stringify(text));
}
