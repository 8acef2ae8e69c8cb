import yaml from "js-yaml";
import { coreSchema } from "../../yaml/schema.ts";
import { ExpressionError } from "./expression.ts";

const NO_TEXT = /^(?:|~|null|true|false|y|n|yes|no|on|off|[-+.\d][-+.\d:eExobT_]*)$/i;

/** Whether YAML reads it as text where nothing quotes it: Flux fills in before it parses, so `"${A}"` may turn into `1`. */
export function isText(value: string): boolean {
  if (/[\n\r\u2028\u2029]/.test(value)) return true;
  return !NO_TEXT.test(value) && !/^[[{&*!|>%@`,?#]|: | #|:$/.test(value);
}

/** A text that is printed in quotes or over several lines, whatever the owner wrote. */
const NOT_PLAIN = /^[-?:](?: |$)|^[\s,[\]{}#&*!|>'"%@`]|: | #|[\s:]$|[^\x20-\x7E\xA0-\uD7FF\uE000-\uFFFD]/;
/** What stays one plain scalar, whatever stands around it; a colon at the end does not. */
const SIMPLE = /^[\w./+~=-](?:[^\s#]*[^\s#:])?$/;

const MAY_RESOLVE = /^(?:[-+.\d~]|(?:null|y|yes|true|on|n|no|false|off)$)/i;

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const bool = new yaml.Type("tag:yaml.org,2002:bool", {
  kind: "scalar",
  resolve: (text: unknown) => typeof text === "string" && (TRUE.test(text) || FALSE.test(text)),
  construct: (text: string) => TRUE.test(text),
});
/** YAML 1.1, as the decoder behind the substitution reads it. */
const SCHEMA = coreSchema.extend({ implicit: [bool] });

/**
 * What Flux reads where it has filled in a text: it prints the object without the quotes that a text with `${` needs not,
 * fills in, and parses again (flux-facts 2.9). What comes to nothing stays a text here.
 * @param isItem whether it is an item of a list
 * @throws ExpressionError where that is no YAML any more, which fails the whole FluxKustomization
 */
export function retype(written: string, filled: string, isItem: boolean): unknown {
  // Tags are read in many ways, and what aliases repeat has no bound.
  if (/^(?:!|$|[[{].*[&*])/.test(filled) || NOT_PLAIN.test(written)) return filled;
  if (SIMPLE.test(filled) && !MAY_RESOLVE.test(filled)) return filled;
  try {
    const read = yaml.load(`${isItem ? "-" : "k:"} ${filled}\n`, { schema: SCHEMA });
    return Object.values(read as object)[0];
  } catch {
    throw new ExpressionError(`what is filled into ${written} is no YAML there`);
  }
}
