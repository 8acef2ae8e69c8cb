import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { dirname } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { readArgoApplications } from "./argo-applications.ts";
import { depthChange, isTerraformCode, statesOf } from "./gotk/terraform-states.ts";
import { isYamlPath } from "./objects.ts";
import { readableText } from "./readable-text.ts";

/** Something other than Flux that installs the community chart. */
export interface ChartElsewhere {
  by: "argo" | "terraform";
  file: string;
  line: number;
  /** `Application flux`, or the address of the block in its state. */
  name: string;
}

/** Applications of Argo CD, and `helm_release` blocks of Terraform, whose chart is flux2. */
export function findChartElsewhere(tree: Tree): readonly ChartElsewhere[] {
  return remember(tree, "chart elsewhere", "", () =>
    tree.grep("flux2").flatMap((file) => {
      if (isYamlPath(file)) return readApplications(tree, file);
      return isTerraformCode(file) ? readBlocks(tree, file) : [];
    }),
  );
}

/** Argo CD goes on applying what it installs, so it is said before anything is merged, and as long as it is there. */
export function reportArgo(tree: Tree): DraftFinding[] {
  return findChartElsewhere(tree)
    .filter(({ by }) => by === "argo")
    .map(({ file, line }) => {
      const facts = { how: "argo", commands: [] } as const;
      return { rule: "automation-installs-flux", level: "caution", at: lineOf(file, line), facts };
    });
}

function readApplications(tree: Tree, file: string): ChartElsewhere[] {
  const own = readArgoApplications(tree, file).filter(({ sources }) =>
    sources.some(({ source }) => source?.chart === "flux2"),
  );
  const lines = own.length > 0 ? tree.read(file)!.split("\n") : [];
  const line = lines.findIndex((each) => /^\s*(?:-\s+)?chart:\s*["']?flux2["']?\s*(?:#.*)?$/.test(each)) + 1 || 1;
  return own.map(({ object }) => ({ by: "argo", file, line, name: `${object.kind} ${object.name}` }) as const);
}

/** HCL is read line by line; a block ends where its brackets do. */
function readBlocks(tree: Tree, file: string): ChartElsewhere[] {
  const lines = (readableText(tree, file) ?? "").split("\n");
  const found: ChartElsewhere[] = [];
  let depth = 0;
  let head: { line: number; name: string } | undefined;
  for (const [index, text] of lines.entries()) {
    const [, name] = /^\s*resource\s+"helm_release"\s+"([^"]+)"\s*\{/.exec(text) ?? [];
    if (depth === 0 && name !== undefined) head = { line: index + 1, name: `helm_release.${name}` };
    if (head && /^\s*chart\s*=\s*"(?:oci:\/\/\S+\/)?flux2"/.test(text)) {
      const { line, name: address } = head;
      const [state] = statesOf(tree, dirname(file), address, undefined);
      found.push({ by: "terraform", file, line, name: state?.address ?? address });
      head = undefined;
    }
    depth = Math.max(0, depth + depthChange(text));
  }
  return found;
}
