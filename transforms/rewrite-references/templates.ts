import { isArchived } from "../../src/cluster/automation-files.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { Rename } from "../shared/references/renames.ts";

/** What Terraform and Go templates are called. Those of Jinja are rendered into files that are read as such. */
const TEMPLATE = /\.(?:tf|tftpl|tpl|tmpl|gotmpl)$/;
/** Lines from `sourceRef` to the name in it. */
const NEAR = 4;

/**
 * Templates that make Flux objects outside of Flux, as Terraform does, and that name a source which goes. Read as text: what a
 * template becomes is known only where it is rendered. Errs towards no, where the name is a variable.
 */
export function reportTemplates(tree: Tree, { kind, name, to = "" }: Rename): DraftFinding[] {
  const names = new RegExp(`\\bname"?\\s*[:=]\\s*"?${escapeRegExp(name)}"?[\\s,}]*$`);
  return tree
    .grep(name)
    .filter((path) => TEMPLATE.test(path) && !isArchived(path))
    .flatMap((path): DraftFinding[] => {
      const lines = (tree.read(path) ?? "").split("\n");
      const at = lines.findIndex((line, index) => {
        return (
          names.test(line) && lines.slice(Math.max(0, index - NEAR), index + 1).some((one) => /sourceRef/.test(one))
        );
      });
      const facts = { name: `${kind} ${name}`, to };
      return at < 0 ? [] : [{ rule: "template-names-source", level: "caution", at: lineOf(path, at + 1), facts }];
    });
}
