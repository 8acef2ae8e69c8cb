import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import type { TextRange } from "../../engine/types.ts";
import type { Cluster } from "../types.ts";
import type { AutomationFile } from "./files.ts";
import { sourceNamesOf } from "./names.ts";
import { isSelected } from "./reinstalls.ts";
import { isComment } from "./words.ts";

const SHORT: Record<string, string> = {
  GitRepository: "git",
  OCIRepository: "oci",
  Bucket: "bucket",
};
const RESOURCES: Record<string, string> = {
  GitRepository: "gitrepositor(?:y|ies)|gitrepos?",
  OCIRepository: "ocirepositor(?:y|ies)|ocirepos?",
  Bucket: "buckets?",
};

export interface FileRange {
  path: string;
  range: TextRange;
}

/**
 * Follows the new names of source and root into commands (trap 61): `flux reconcile source git NAME`,
 * `flux-local --sources NAME`, `gitrepository/NAME`, `kustomization NAME`. The position after the word makes it certain.
 * Where another cluster keeps a source of the old name, the line may mean that one and is listed instead.
 */
export function planRenames(
  context: TransformContext,
  files: readonly AutomationFile[],
): { edits: FileRange[]; findings: DraftFinding[] } {
  const names = sourceNamesOf(context.cluster);
  const edits: FileRange[] = [];
  const findings: DraftFinding[] = [];
  if (!names) return { edits, findings };
  const { source, root, sourceKind } = names;
  const rules: { pattern: RegExp; from: string; to: string; what: string }[] = [];
  if (source.from !== source.to) {
    const name = quote(source.from);
    const kind = sourceKind in SHORT ? sourceKind : "GitRepository";
    rules.push(
      { pattern: new RegExp(`(\\bsources?\\s+${SHORT[kind]}\\s+["']?)${name}(?![\\w.-])`, "g"), ...source, what: kind },
      {
        pattern: new RegExp(
          `(\\b(?:${RESOURCES[kind]})(?:\\.source\\.toolkit\\.fluxcd\\.io)?[/ ]["']?)${name}(?![\\w.-])`,
          "gi",
        ),
        ...source,
        what: kind,
      },
      {
        pattern: new RegExp(`(--sources?(?:=|\\s+)["']?(?:[\\w./=-]+,)*)${name}(?![\\w.-])`, "g"),
        ...source,
        what: kind,
      },
    );
  }
  if (root.from !== root.to) {
    const name = quote(root.from);
    rules.push({
      pattern: new RegExp(
        `(\\b(?:kustomizations?|ks)(?:\\.kustomize\\.toolkit\\.fluxcd\\.io)?[/ ]["']?)${name}(?![\\w./-])`,
        "g",
      ),
      ...root,
      what: "Kustomization",
    });
  }
  for (const file of rules.length === 0 ? [] : files) {
    if (file.kind === "renovate" || file.kind === "lint") continue;
    if (!rules.some(({ from }) => file.text.includes(from))) continue;
    let start = 0;
    for (const [index, line] of file.text.split("\n").entries()) {
      for (const rule of isComment(line) ? [] : rules) {
        for (const match of line.matchAll(rule.pattern)) {
          const offset = start + match.index + match[1]!.length;
          const range = { start: offset, end: offset + rule.from.length, text: rule.to };
          const rival = findRival(context, rule.what, rule.from);
          if (!rival && file.kind !== "other") edits.push({ path: file.path, range });
          else findings.push(report(file, index + 1, rule, rival));
        }
      }
      start += line.length + 1;
    }
  }
  return { edits, findings };
}

/** Another cluster that goes on using the name: not part of this run, or without an instance that renames it. */
function findRival({ model, cluster, options }: TransformContext, kind: string, name: string): Cluster | undefined {
  return model.clusters.find((other) => {
    if (other === cluster || other.name === cluster.name) return false;
    const names = sourceNamesOf(other);
    const own = kind === "Kustomization" ? other.root.name : other.source?.name;
    const change = kind === "Kustomization" ? names?.root : names?.source;
    if (own !== name) return false;
    const isInRun = isSelected(other, options);
    const mine = sourceNamesOf(cluster);
    return !change || !isInRun || change.to !== (kind === "Kustomization" ? mine?.root.to : mine?.source.to);
  });
}

function report(
  file: AutomationFile,
  line: number,
  { from, to, what }: { from: string; to: string; what: string },
  rival: Cluster | undefined,
): DraftFinding {
  return {
    rule: "automation-names-renamed",
    level: "caution",
    at: { file: file.path, line, col: 1 },
    what: `This line names ${what} ${from}, which the FluxInstance generates as ${to}${rival ? `; cluster ${rival.name} still calls its own ${from}` : ""}.`,
    why: "The command finds nothing, or a check skips everything, once the old object is gone.",
    next: rival ? `Name ${to} for this cluster and ${from} for ${rival.name}.` : `Write ${to} instead.`,
  };
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
