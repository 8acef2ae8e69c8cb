import { depthOf } from "../automation/lines.ts";

export interface TemplateRewrite {
  verdict: Verdict;
  kind: string;
  /** The whole text with this one verdict's references rewritten. */
  text: string;
}

/**
 * References in text that is no YAML as it stands, such as the Go template of a ResourceSet's `resourcesTemplate`. Only a
 * block-style `sourceRef:` with `kind` and `name` on lines of their own counts; anything cleverer is left alone, for example
 * `sourceRef: {kind: << .kind >>}`.
 */
export function rewriteTemplate(text: string, move: SourceMove): TemplateRewrite[] {
  const lines = text.split("\n");
  const changes = new Map<Verdict, { kind: string; lines: string[] }>();
  lines.forEach((line, index) => {
    const indent = /^(\s*)(?:- )?sourceRef:\s*$/.exec(line)?.[1]?.length;
    if (indent === undefined) return;
    const block = readBlock(lines, index + 1, indent);
    const kindAt = block.find((at) => /^\s*kind:\s*["']?GitRepository["']?\s*$/.test(lines[at]!));
    const nameAt = block.find((at) => lines[at]!.trim().replace(/["']/g, "") === `name: ${move.name}`);
    if (kindAt === undefined || nameAt === undefined) return;
    const { kind, inside } = findOwner(lines, index, indent);
    const moves = (kind === "Kustomization" || kind === "Terraform") && !inside.includes("chart");
    const verdict: Verdict = moves ? "moves" : "stays";
    const change = changes.get(verdict) ?? { kind, lines: [...lines] };
    const at = moves ? kindAt : nameAt;
    change.lines[at] = moves
      ? lines[at]!.replace("GitRepository", "OCIRepository")
      : lines[at]!.replace(move.name, move.gitName);
    changes.set(verdict, change);
  });
  return [...changes].map(([verdict, change]) => ({ verdict, kind: change.kind, text: change.lines.join("\n") }));
}

function readBlock(lines: readonly string[], from: number, indent: number): number[] {
  const block: number[] = [];
  for (let at = from; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.trim() === "") continue;
    if (depthOf(line) <= indent) break;
    block.push(at);
  }
  return block;
}

/** The keys above a line, and the `kind` of the object they belong to. */
function findOwner(lines: readonly string[], from: number, indent: number): { kind: string; inside: string[] } {
  const inside: string[] = [];
  let level = indent;
  for (let at = from - 1; at >= 0; at--) {
    const line = lines[at]!;
    const depth = line.length - line.replace(/^[\s-]+/, "").length;
    if (line.trim() === "" || depth > level) continue;
    const kind = /^[\s-]*kind:\s*["']?(\w+)/.exec(line)?.[1];
    if (kind !== undefined && inside.includes("spec")) return { kind, inside };
    const key = /^[\s-]*([\w.]+):\s*$/.exec(line)?.[1];
    if (key !== undefined && depth < level) {
      inside.push(key);
      level = depth;
    }
  }
  return { kind: "", inside };
}

/**
 * What a reference to the synced GitRepository may become (flux-facts 6.2): `moves` to the OCIRepository, `stays`
 * on Git because its kind reads nothing else, `notifies` in a Receiver or an Alert, or `unknown` to fluxlift.
 */
export type Verdict = "moves" | "stays" | "notifies" | "unknown";

/** The source that is looked for, and what takes its place. */
export interface SourceMove {
  name: string;
  namespace: string;
  /** apiVersion written where a reference spells one out. */
  apiVersion: string;
  /** Name of the GitRepository for what stays. */
  gitName: string;
}
