import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import type { Yaml } from "../contract/media.ts";
import { chompEnd } from "../delivery/kustomize/index.ts";
import { readYaml } from "../yaml/read.ts";
import { asWritten } from "../yaml/text.ts";

/**
 * Prints the body of a patch: long lines stay whole, a value used twice is written twice, never as an alias, and texts
 * such as `y` and `on` are quoted, because kustomize reads YAML 1.1, where they are booleans.
 */
export function printBody(data: unknown): Yaml {
  return asWritten(stringify(data, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" }));
}

/**
 * The body of a patch as an item of `patches` has to write it: kustomize trims its ends, and a text there such as `ignore: |`
 * would lose its last newline. A comment behind it is trimmed in its place.
 */
export function closeBody(body: string): string {
  const end = "# Keeps the line break above, which kustomize would trim\n";
  const data = dataOf(body);
  const isSame = (text: string) => isDeepStrictEqual(dataOf(text.trimEnd()), data);
  if (data === undefined || isSame(body)) return body;
  return [`${body.trimEnd()}\n${end}`, `${body}${end}`].find(isSame) ?? body;
}

function dataOf(text: string): unknown[] | undefined {
  const read = readYaml(chompEnd(text));
  return read.ok ? read.docs.map(({ data }) => data) : undefined;
}
