declare const MEDIUM: unique symbol;

/**
 * Text of a medium. Only what escapes values for that medium makes one, so that a plain string does not compile where such
 * text goes. When it runs it is a string like any other.
 */
export type Made<Medium extends string = string> = string & { readonly [MEDIUM]: Medium };

/** On a terminal, or in the log of a job: `visible`, `forPeople` and `shown` make it. */
export type Shown = Made<"terminal">;
/** A command to the runner of a job, in its log. */
export type JobCommand = Made<"job command">;
export type Markdown = Made<"Markdown">;
export type Mermaid = Made<"Mermaid">;
/** A page; what it is made of is `Html`. */
export type HtmlPage = Made<"HTML">;
export type Json = Made<"JSON">;
/** A message of a SARIF file, or a file of such messages. */
export type Sarif = Made<"SARIF">;
/** For git, byte for byte. */
export type Diff = Made<"diff">;
/** A script; what it is made of is `Command`. */
export type Script = Made<"shell">;
/** A file of YAML, or a part of one. */
export type Yaml = Made<"YAML">;
/** A file that helmfile fills in. */
export type Template = Made<"template">;
/** For what escapes, and for nothing else: a test lists the files that may. */
export function made<Text extends Made>(text: string): Text {
  return text as Text;
}
