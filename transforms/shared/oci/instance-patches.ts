import { readable } from "../../../src/contract/answer.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../../src/contract/finding.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { patchObject } from "../../../src/delivery/kustomize/index.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { patched } from "../../../src/delivery/patched.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor } from "../../../src/release/releases.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import { toOperations } from "../references/operations.ts";
import { rerootIgnore } from "./ignore-rules.ts";
import { effectiveSource } from "./sync.ts";
import type { OciTarget } from "./types.ts";
import { asReferences, type SourceUse } from "./uses.ts";

/** Fields of a GitRepository that an OCIRepository lacks, or says in another way (flux-facts 6.1). */
const GIT_ONLY = new Set([
  ...["ref", "url", "secretRef", "provider", "serviceAccountName", "verify"],
  ...["include", "recurseSubmodules", "sparseCheckout", "gitImplementation"],
]);

export interface MovedPatches {
  /** For the file that holds the instance. */
  ops: YamlOp[];
  findings: DraftFinding[];
}

/** Patches of the instance on the generated GitRepository, said for the generated OCIRepository. */
export function movePatches(tree: Tree, target: OciTarget): MovedPatches {
  const { sync } = target;
  const result: MovedPatches = { ops: [], findings: [] };
  const list: YamlData[] = sync.target.spec?.kustomize?.patches ?? [];
  const git = readable(effectiveSource(sync));
  const next = { ...git, kind: "OCIRepository", apiVersion: apiVersionsFor(sync.version).ociRepository };
  const uses: SourceUse[] = [];
  const gone: YamlOp[] = [];
  list.forEach((item, index) => {
    if (!reaches(item, git) || reaches(item, next)) return;
    const path = [...sync.target.base, "kustomize", "patches", index];
    const { doc } = sync.target;
    const at = locateField(tree, { file: sync.target.file, doc }, path);
    const body = moveBody(tree, target, item, at, result.findings);
    if (body.empty) {
      gone.unshift({ op: "delete", doc, path });
      return;
    }
    const use = (ops: YamlOp[], place = path) =>
      uses.push({ verdict: "moves", kind: "OCIRepository", name: "", doc, path: place, ops });
    const nested = (op: YamlOp): YamlOp => ({
      op: "set",
      doc,
      path: [...path, "patch"],
      value: { nested: item.patch, ops: [op] },
    });
    use(body.ops.map(nested));
    const kind = item.target?.kind;
    if (typeof kind === "string")
      use([
        { op: "set", doc, path: [...path, "target", "kind"], value: kind.replace("GitRepository", "OCIRepository") },
      ]);
    if (typeof item.target?.version === "string") {
      const version = next.apiVersion.split("/")[1];
      use([{ op: "set", doc, path: [...path, "target", "version"], value: version }]);
    }
  });
  result.ops = [...toOperations(asReferences(uses)), ...gone];
  return result;
}

const INSTANCE = "FluxInstance flux";

/** Ignore rules that mean other files below the artifact's root. */
export function ignoreNotMovable(at: Loc, artifact: string): FactFinding {
  return { rule: "oci-ignore", level: "blocker", resource: INSTANCE, at, facts: { artifact } };
}

/** A patch that fails on an object reaches it. */
function reaches(patch: YamlData, data: YamlData): boolean {
  const done = patchObject(data, [patch]);
  return !done.ok || done.applied.length > 0;
}

interface MovedBody {
  ops: YamlOp[];
  /** Nothing is left that an OCIRepository could hold. */
  empty: boolean;
}

function moveBody(tree: Tree, target: OciTarget, item: YamlData, at: Loc, findings: DraftFinding[]): MovedBody {
  const parsed = readYamlCached(item.patch);
  if (!parsed.ok) return { ops: [], empty: false };
  const ops: YamlOp[] = [];
  let left = 0;
  const drop = (field: string, value: YamlData) => {
    if (field === "include")
      findings.push({ rule: "oci-include", level: "blocker", resource: INSTANCE, at, facts: {} });
    else {
      const facts = { field, value: typeof value === "string" ? value : undefined };
      const level = field === "verify" ? "caution" : "info";
      findings.push({ rule: "oci-field-dropped", level, resource: INSTANCE, at, facts });
    }
  };
  for (const { data, index: doc } of parsed.docs as { data: YamlData; index: number }[]) {
    if (Array.isArray(data)) {
      for (let index = data.length - 1; index >= 0; index--) {
        const field = fieldOf(String(data[index]?.path ?? ""));
        if (field !== undefined && GIT_ONLY.has(field)) {
          drop(field, data[index].value);
          ops.push({ op: "delete", doc, path: [index] });
          continue;
        }
        if (field === "ignore" && typeof data[index].value === "string") {
          const moved = moveIgnore(tree, target, data[index].value, at, findings);
          if (moved === "") ops.push({ op: "delete", doc, path: [index] });
          else if (moved !== data[index].value) ops.push({ op: "set", doc, path: [index, "value"], value: moved });
          if (moved === "") continue;
        }
        left++;
      }
    } else if (data) left += moveMerge(tree, target, data, doc, ops, drop, at, findings);
  }
  return { ops, empty: left === 0 };
}

/** @returns how many settings are left in the body */
function moveMerge(
  tree: Tree,
  target: OciTarget,
  data: YamlData,
  doc: number,
  ops: YamlOp[],
  drop: (field: string, value: YamlData) => void,
  at: Loc,
  findings: DraftFinding[],
): number {
  const apiVersion = apiVersionsFor(target.sync.version).ociRepository;
  if (data.kind === "GitRepository") ops.push({ op: "set", doc, path: ["kind"], value: "OCIRepository" });
  if (data.apiVersion !== undefined && data.apiVersion !== apiVersion)
    ops.push({ op: "set", doc, path: ["apiVersion"], value: apiVersion });
  let left = Object.keys(data.metadata ?? {}).filter((key) => key !== "name" && key !== "namespace").length;
  if (data.$patch !== undefined) left++;
  for (const [field, value] of Object.entries(data.spec ?? {})) {
    if (GIT_ONLY.has(field)) {
      drop(field, value);
      ops.push({ op: "delete", doc, path: ["spec", field] });
      continue;
    }
    if (field === "ignore" && typeof value === "string") {
      const moved = moveIgnore(tree, target, value, at, findings);
      if (moved === "") ops.push({ op: "delete", doc, path: ["spec", "ignore"] });
      else if (moved !== value) ops.push({ op: "set", doc, path: ["spec", "ignore"], value: moved });
      if (moved === "") continue;
    }
    left++;
  }
  return left;
}

/** @returns the rules for the artifact, `''` when none are needed any more */
function moveIgnore(tree: Tree, { artifactPath }: OciTarget, rules: string, at: Loc, findings: DraftFinding[]): string {
  const moved = rerootIgnore(tree, rules, artifactPath);
  if (moved === undefined) findings.push(ignoreNotMovable(at, artifactPath));
  return moved ?? rules;
}

function fieldOf(pointer: string): string | undefined {
  return /^\/spec\/([^/]+)/.exec(pointer)?.[1];
}

/** The source as the operator will generate it, after the moved patches. */
export function futureSource(target: OciTarget, moved: YamlData): YamlData {
  const { sync, url, tag, pullSecret, provider } = target;
  const base = {
    apiVersion: apiVersionsFor(sync.version).ociRepository,
    kind: "OCIRepository",
    metadata: { name: sync.name, namespace: sync.namespace },
    spec: {
      interval: sync.interval,
      ...(provider ? { provider } : {}),
      ref: { tag },
      ...(pullSecret ? { secretRef: { name: pullSecret } } : {}),
      url,
      ...(target.verify ? { verify: target.verify } : {}),
    },
  };
  return readable(patched(base, moved, target.at));
}
