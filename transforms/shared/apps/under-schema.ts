import type { Yaml } from "../../../src/contract/media.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { closeLines, printDocument } from "../../../src/yaml/print.ts";
import { joinYaml, yaml, yamlComment } from "../../../src/yaml/text.ts";
import type { YamlStyle } from "../../../src/yaml/types.ts";

interface Heading {
  /** The line that tells editors the schema. */
  schema: string | undefined;
  /** Whether the owner writes it above the `---`. */
  isSchemaAbove: boolean;
  /** Comment lines above the `---`; a document without one has them at its top. */
  above?: readonly string[];
  /** Comment lines before and behind the schema line. */
  before?: readonly string[];
  behind?: readonly string[];
}

/** A document under its comments and its schema line, in the owner's order. */
export function printUnderSchema(value: YamlData, style: YamlStyle, heading: Heading): Yaml {
  const { schema, isSchemaAbove, above = [], before = [], behind = [] } = heading;
  const lines = schema === undefined ? [] : [schema];
  const goesAbove = isSchemaAbove && style.documentStart;
  const top = [...above, ...(goesAbove ? lines : [])];
  const leadingComments = [...before, ...(goesAbove ? [] : lines), ...behind];
  const printed = top.map((line) => (line === "" ? yaml`` : yamlComment(line)));
  return joinYaml([closeLines(printed, style), printDocument(value, style, { leadingComments })], "");
}
