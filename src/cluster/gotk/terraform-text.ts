import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { ofText } from "../../yaml/of-text.ts";
import { readableText } from "../readable-text.ts";

/** Files with the blocks of Terraform; variables and locks lie in others. */
export function isTerraformCode(path: string): boolean {
  return /\.(tf|tofu)$/.test(path);
}

const HEAD =
  /^[ \t]*(?:(?:resource|data|ephemeral)[ \t]+"([^"]+)"|(?:module|variable|output|provider|check)[ \t]+"|(?:locals|moved|removed|import|terraform)[ \t]*\{)/;

/** The type of the resource or data source that each line stands in: `helm_release`; undefined in other blocks. */
export const typesOfLines = ofText((text): readonly (string | undefined)[] => {
  let type: string | undefined;
  return text.split("\n").map((line) => {
    const head = HEAD.exec(line);
    if (head) type = head[1];
    return type;
  });
}, 16);

/** The code of a Terraform file, or nothing where it is not there. */
export function readTerraform(tree: Tree, path: string): string {
  return remember(tree, "code of Terraform", path, () => withoutBlockComments(readableText(tree, path) ?? ""));
}

/**
 * HCL with blanks, of the same length, in place of what is commented out between lines. Errs towards code: a comment that
 * begins behind other text, or that nothing ends, stays.
 */
export function withoutBlockComments(text: string): string {
  if (!text.includes("/*")) return text;
  const lines = text.split("\n");
  const lastEnd = lines.findLastIndex((line) => line.includes("*/"));
  let isOpen = false;
  const blanked = lines.map((line, index) => {
    const start = isOpen ? 0 : line.search(/\S/);
    if (!isOpen && (index > lastEnd || !line.startsWith("/*", start))) return line;
    const end = line.indexOf("*/", isOpen ? 0 : start + 2);
    isOpen = end < 0;
    const length = isOpen ? line.length : end + 2;
    return " ".repeat(length) + line.slice(length);
  });
  return isOpen ? text : blanked.join("\n");
}
