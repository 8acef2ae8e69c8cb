import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { TextRange } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { TransformContext } from "../../contract.ts";
import { listRenames, oldInstall } from "../references/renames.ts";
import { sourceNamesOf } from "./names.ts";
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

/** A word after which a name stands, the old name, and the new one; without `to` the object goes. */
interface Rule {
  pattern: RegExp;
  from: string;
  to?: string;
  /** Kind of the object. */
  what: string;
}

/** Flags between the kind and the name: `flux reconcile ks --with-source -n flux-system NAME`. */
export const FLAGS = String.raw`(?:(?:-n|--(?:namespace|context|kube-context|timeout))(?:=|\s+)\S+\s+|--[\w-]+(?:=\S+)?\s+)*`;
const KUSTOMIZATION = String.raw`(?:kustomizations?|ks)(?:\.kustomize\.toolkit\.fluxcd\.io)?`;
const RELEASE = String.raw`(?:helmreleases?|hr)(?:\.helm\.toolkit\.fluxcd\.io)?`;

/**
 * Follows new names into commands (trap 61): `flux reconcile source git NAME`, `flux-local --sources NAME`,
 * `gitrepository/NAME`, `kustomization NAME`, `hr NAME`. The position after the word makes it certain. Where another
 * cluster keeps an object of the old name, the line may mean that one and is listed instead. Those of the old install
 * change with the cutover, those of source and root with the cleanup.
 */
export function planRenames(
  context: TransformContext,
  files: readonly AutomationFile[],
): { edits: FileRange[]; findings: DraftFinding[] } {
  const edits: FileRange[] = [];
  const findings: DraftFinding[] = [];
  const rules = context.phase === "cleanup" ? listSyncRules(context) : listInstallRules(context);
  for (const file of rules.length === 0 ? [] : files) {
    if (file.kind === "renovate" || file.kind === "lint") continue;
    if (!rules.some(({ from }) => file.text.includes(from))) continue;
    let start = 0;
    for (const [index, line] of file.text.split("\n").entries()) {
      for (const rule of isComment(line) ? [] : rules) {
        for (const match of line.matchAll(rule.pattern)) {
          const offset = start + match.index + match[1]!.length;
          const rival = findRival(context, rule.what, rule.from);
          if (!rival && file.kind !== "other" && rule.to !== undefined)
            edits.push({ path: file.path, range: { start: offset, end: offset + rule.from.length, text: rule.to } });
          else findings.push(report(file, index + 1, rule, rival));
        }
      }
      start += line.length + 1;
    }
  }
  return { edits, findings };
}

function listSyncRules({ cluster }: TransformContext): Rule[] {
  const names = sourceNamesOf(cluster);
  if (!names) return [];
  const { source, root, sourceKind } = names;
  const kind = sourceKind in SHORT ? sourceKind : "GitRepository";
  const rules: Rule[] = [];
  if (source.from !== source.to) {
    rules.push(...sourcePatterns(kind, source.from).map((pattern) => ({ pattern, ...source, what: kind })));
  }
  if (root.from !== root.to) rules.push({ ...objectRule(KUSTOMIZATION, root.from), ...root, what: "Kustomization" });
  return rules;
}

function listInstallRules({ cluster, options }: TransformContext): Rule[] {
  const own = new Set(oldInstall(cluster).map(({ kind, name }) => `${kind}/${name}`));
  const gone = listRenames(cluster, options).filter(({ kind, name }) => own.has(`${kind}/${name}`));
  return gone.flatMap(({ kind, name, to }): Rule[] => {
    if (to === name) return [];
    const change = { from: name, ...(to ? { to } : {}), what: kind };
    if (kind === "Kustomization") return [{ ...objectRule(KUSTOMIZATION, name), ...change }];
    if (kind === "HelmRelease") return [{ ...objectRule(RELEASE, name), ...change }];
    return kind in SHORT ? sourcePatterns(kind, name).map((pattern) => ({ pattern, ...change })) : [];
  });
}

function sourcePatterns(kind: string, from: string): RegExp[] {
  const name = escapeRegExp(from);
  return [
    new RegExp(`(\\bsources?\\s+${SHORT[kind]}\\s+${FLAGS}["']?)${name}(?![\\w.-])`, "g"),
    new RegExp(
      `(\\b(?:${RESOURCES[kind]})(?:\\.source\\.toolkit\\.fluxcd\\.io)?[/ ]${FLAGS}["']?)${name}(?![\\w.-])`,
      "gi",
    ),
    new RegExp(`(--sources?(?:=|\\s+)["']?(?:[\\w./=-]+,)*)${name}(?![\\w.-])`, "g"),
  ];
}

function objectRule(words: string, name: string): { pattern: RegExp } {
  return { pattern: new RegExp(`(\\b${words}[/ ]${FLAGS}["']?)${escapeRegExp(name)}(?![\\w./-])`, "g") };
}

/** Another cluster that goes on using the name: not part of this run, or without an instance that renames it. */
function findRival({ model, cluster, agreed, phase }: TransformContext, kind: string, name: string) {
  const mine = sourceNamesOf(cluster);
  return model.clusters.find((other) => {
    if (other === cluster || other.name === cluster.name) return false;
    const isInRun = agreed.takesPart(other);
    if (phase !== "cleanup") return !isInRun && (other.install?.objects ?? []).some((object) => object.name === name);
    const names = sourceNamesOf(other);
    const own = kind === "Kustomization" ? other.root.name : other.source?.name;
    const change = kind === "Kustomization" ? names?.root : names?.source;
    if (own !== name) return false;
    return !change || !isInRun || change.to !== (kind === "Kustomization" ? mine?.root.to : mine?.source.to);
  });
}

function report(
  file: AutomationFile,
  line: number,
  { from, to, what }: Rule,
  rival: Cluster | undefined,
): DraftFinding {
  const facts = { what, from, to, rival: rival?.name };
  return { rule: "automation-names-renamed", level: "caution", at: lineOf(file.path, line), facts };
}
