import type { SourcePatch, YamlData } from "../contract/objects.ts";
import { readYaml } from "../yaml/read.ts";
import { closeBody } from "./print.ts";
import type { JsonOp, PatchItem } from "./types.ts";

export type Normalised = { ok: true; items: PatchItem[] } | { ok: false; reason: string };

/** What patches come down to, less those that kustomize refuses. */
export function patchItems(sources: readonly SourcePatch[]): PatchItem[] {
  return sources.flatMap((source) => {
    const normalised = normalisePatch(source);
    return normalised.ok ? normalised.items : [];
  });
}

/**
 * Brings a patch of any legacy form into items of one body each: JSON6902 operations or one strategic-merge document.
 * kustomize refuses the same bodies this refuses (flux-facts 3: neither form, or a merge without kind and name).
 */
export function normalisePatch(source: SourcePatch): Normalised {
  if (source.body.trim() === "") return { ok: false, reason: "its body is empty or its file does not exist" };
  const parsed = readYaml(source.body);
  if (!parsed.ok) return { ok: false, reason: `its body is no YAML (line ${parsed.line}: ${parsed.reason})` };
  const docs = parsed.docs.map((doc) => doc.data).filter((data) => data !== undefined && data !== null) as YamlData[];
  if (docs.length === 0) return { ok: false, reason: "its body holds comments only" };
  const target = source.target && Object.values(source.target).some(Boolean) ? source.target : undefined;
  const common = { source, ...(target ? { target } : {}) };
  const close = (body: string) => (source.isTrimmed ? body : closeBody(body));
  if (docs.length === 1 && Array.isArray(docs[0])) {
    const wrong = docs[0].find((op: YamlData) => typeof op?.op !== "string" || typeof op?.path !== "string");
    if (wrong !== undefined || docs[0].length === 0)
      return { ok: false, reason: "it is no list of JSON6902 operations" };
    if (!target) return { ok: false, reason: "JSON6902 operations need a target" };
    return {
      ok: true,
      items: [{ ...common, type: "json", body: close(source.body), ops: docs[0] as JsonOp[], verbatim: true }],
    };
  }
  const bad = docs.find((doc) => typeof doc?.kind !== "string" || typeof doc?.metadata?.name !== "string");
  if (bad !== undefined) return { ok: false, reason: "it is neither JSON6902 nor a body with kind and metadata.name" };
  const bodies = docs.length === 1 ? [source.body] : splitDocuments(source.body, docs.length);
  if (!bodies) return { ok: false, reason: "its documents cannot be told apart" };
  if (docs.length > 1 && target) return { ok: false, reason: "a patch with a target may hold one document only" };
  return {
    ok: true,
    items: docs.map((doc, index) => ({
      ...common,
      type: "merge",
      doc,
      body: close(bodies[index]!),
      verbatim: docs.length === 1,
    })),
  };
}

/** What stands above the first `---`, such as the head of a file, belongs to the first document. */
function splitDocuments(body: string, expected: number): string[] | undefined {
  const [first = "", ...others] = body.split(/^---(?:[ \t].*)?$/m).map((part) => part.replace(/^[\r\n]+/, ""));
  const parts = [first, ...others].filter((part) => {
    const parsed = readYaml(part);
    return !parsed.ok || parsed.docs.some((doc) => doc.data !== undefined && doc.data !== null);
  });
  if (parts.length !== expected) return undefined;
  return parts.map((part, index) => (index === 0 && part !== first ? `${first}${part}` : part));
}
