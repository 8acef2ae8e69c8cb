import { readable } from "../../../src/contract/answer.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../../src/contract/finding.ts";
import { itemsOf, type YamlData } from "../../../src/contract/objects.ts";
import { patchObject } from "../../../src/delivery/kustomize/index.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { patched } from "../../../src/delivery/patched.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor } from "../../../src/release/releases.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { YamlOp, YamlPath } from "../../../src/yaml/types.ts";
import { rerootIgnore } from "./ignore-rules.ts";
import { effectiveSource } from "./sync.ts";
import type { OciTarget } from "./types.ts";
import { operationsOf, type SourceUse } from "./uses.ts";

/** Fields of a GitRepository that an OCIRepository lacks, or says in another way (flux-facts 6.1). */
const GIT_ONLY = new Set([
  ...["ref", "url", "secretRef", "provider", "serviceAccountName", "verify"],
  ...["include", "recurseSubmodules", "sparseCheckout", "gitImplementation"],
]);

const INSTANCE = "FluxInstance flux";

/** Patches of the instance on the generated GitRepository, said for the generated OCIRepository. */
export function movePatches(tree: Tree, target: OciTarget): { ops: YamlOp[]; findings: DraftFinding[] } {
  const { sync } = target;
  const { file, doc, base, spec } = sync.target;
  const findings: DraftFinding[] = [];
  const list: YamlData[] = itemsOf(spec.kustomize?.patches);
  const git = readable(effectiveSource(sync));
  const next = { ...git, kind: "OCIRepository", apiVersion: apiVersionsFor(sync.version).ociRepository };
  const uses: SourceUse[] = [];
  const gone: YamlOp[] = [];
  list.forEach((item, index) => {
    if (!reaches(item, git) || reaches(item, next)) return;
    const path = [...base, "kustomize", "patches", index];
    const at = locateField(tree, { file, doc }, path);
    const body = moveBody(tree, target, item, at, findings);
    if (body.empty) {
      gone.unshift({ op: "delete", doc, path });
      return;
    }
    const set = (keys: string[], value: YamlData): YamlOp => ({ op: "set", doc, path: [...path, ...keys], value });
    const ops = body.ops.map((op) => set(["patch"], { nested: item.patch, ops: [op] }));
    const { kind, version } = item.target ?? {};
    if (typeof kind === "string") ops.push(set(["target", "kind"], kind.replace("GitRepository", "OCIRepository")));
    if (typeof version === "string") ops.push(set(["target", "version"], next.apiVersion.split("/")[1]));
    uses.push({ verdict: "moves", kind: "OCIRepository", name: "", doc, path, ops });
  });
  // A list that is left empty goes as a whole, unless the check of the signature comes to stand in it.
  const isEmptied = gone.length > 0 && gone.length === list.length && !target.sign;
  const holder = Object.keys(spec.kustomize ?? {}).length > 1 ? ["kustomize", "patches"] : ["kustomize"];
  const left: YamlOp[] = isEmptied ? [{ op: "delete", doc, path: [...base, ...holder] }] : gone;
  return { ops: [...operationsOf(uses), ...left], findings };
}

/** Ignore rules that mean other files below the artifact's root. */
export function ignoreNotMovable(at: Loc, artifact: string): FactFinding {
  return { rule: "oci-ignore", level: "blocker", resource: INSTANCE, at, facts: { artifact } };
}

/** A patch that fails on an object reaches it. */
function reaches(patch: YamlData, data: YamlData): boolean {
  const done = patchObject(data, [patch]);
  return !done.ok || done.applied.length > 0;
}

/** Operations inside a patch body; `empty` when they leave nothing that an OCIRepository could hold. */
function moveBody(tree: Tree, target: OciTarget, item: YamlData, at: Loc, findings: DraftFinding[]) {
  const parsed = readYamlCached(item.patch);
  const ops: YamlOp[] = [];
  if (!parsed.ok) return { ops, empty: false };
  let left = 0;
  /** One field of the source's spec: `whole` is what says it, `place` its value. */
  const settle = (field: string | undefined, value: YamlData, doc: number, whole: YamlPath, place = whole) => {
    if (field !== undefined && GIT_ONLY.has(field)) {
      findings.push(fieldDropped(field, value, at));
      ops.push({ op: "delete", doc, path: whole });
      return;
    }
    const isRules = field === "ignore" && typeof value === "string";
    const moved = isRules ? moveIgnore(tree, target, value, at, findings) : value;
    if (isRules && moved === "") ops.push({ op: "delete", doc, path: whole });
    else {
      if (moved !== value) ops.push({ op: "set", doc, path: place, value: moved });
      left++;
    }
  };
  const apiVersion = apiVersionsFor(target.sync.version).ociRepository;
  for (const { data, index: doc } of parsed.docs as { data: YamlData; index: number }[]) {
    if (Array.isArray(data)) {
      // From the first to the last: what is deleted is put in the other order where operations are joined.
      for (const [index, item] of data.entries())
        settle(fieldOf(String(item?.path ?? "")), item?.value, doc, [index], [index, "value"]);
    } else if (data) {
      if (data.kind === "GitRepository") ops.push({ op: "set", doc, path: ["kind"], value: "OCIRepository" });
      if (data.apiVersion !== undefined && data.apiVersion !== apiVersion)
        ops.push({ op: "set", doc, path: ["apiVersion"], value: apiVersion });
      left += Object.keys(data.metadata ?? {}).filter((key) => key !== "name" && key !== "namespace").length;
      if (data.$patch !== undefined) left++;
      for (const [field, value] of Object.entries(data.spec ?? {})) settle(field, value, doc, ["spec", field]);
    }
  }
  return { ops, empty: left === 0 };
}

function fieldDropped(field: string, value: YamlData, at: Loc): FactFinding {
  if (field === "include") return { rule: "oci-include", level: "blocker", resource: INSTANCE, at, facts: {} };
  const facts = { field, value: typeof value === "string" ? value : undefined };
  const level = field === "verify" ? "caution" : "info";
  return { rule: "oci-field-dropped", level, resource: INSTANCE, at, facts };
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
