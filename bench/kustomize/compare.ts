import { deliver } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../../test/support/memory.ts";
import type { Case } from "./case.ts";

/** What the real kustomize says. */
export type Answer = { ok: true; objects: unknown[] } | { ok: false; error: string };

/** Where the real one builds: same, different, refused, unknown. Where it fails: agreed, success. */
export type Verdict = "same" | "different" | "refused" | "unknown" | "agreed" | "unsure" | "success";

/** Builds a case here; undefined where something about it stays unknown. */
export function buildHere({ files, folder }: Case): { objects?: unknown[]; reason: string } {
  const delivery = deliver(memoryTree(files), folder);
  const unknown = delivery.unknowns.map(({ what }) => what).join("; ");
  if (!delivery.ok) return { reason: `${delivery.at.file}:${delivery.at.line}: ${delivery.reason}` };
  if (unknown !== "") return { reason: `unknown: ${unknown}` };
  return { objects: delivery.objects.map(({ body }) => body), reason: "" };
}

export function judge(one: Case, answer: Answer): { verdict: Verdict; reason: string } {
  const here = buildHere(one);
  const unknown = here.reason.startsWith("unknown: ");
  if (!answer.ok) {
    if (here.objects === undefined) return { verdict: unknown ? "unsure" : "agreed", reason: here.reason };
    return { verdict: "success", reason: answer.error };
  }
  if (here.objects === undefined) return { verdict: unknown ? "unknown" : "refused", reason: here.reason };
  const difference = compare(answer.objects, here.objects);
  return { verdict: difference === "" ? "same" : "different", reason: difference };
}

function compare(wanted: readonly unknown[], found: readonly unknown[]): string {
  const [there, here] = [wanted.map(canonical), found.map(canonical)];
  const [known, ours] = [new Set(there), new Set(here)];
  const lost = wanted.filter((_, index) => !ours.has(there[index]!));
  const extra = found.filter((_, index) => !known.has(here[index]!));
  if (lost.length + extra.length === 0 && wanted.length === found.length) return "";
  const real = pickIdentical(lost, extra);
  const pair = real === undefined ? undefined : extra.find((one) => idOf(one) === idOf(real));
  if (real !== undefined && pair !== undefined) return `${idOf(real)}: ${firstDifference(real, pair, "")}`;
  return `missing [${lost.map(idOf).join("; ")}] extra [${extra.map(idOf).join("; ")}]`;
}

function pickIdentical(lost: readonly unknown[], extra: readonly unknown[]): unknown {
  return lost.find((one) => extra.some((other) => idOf(one) === idOf(other)));
}

function idOf(value: unknown): string {
  const { apiVersion, kind, metadata } = value as Record<string, Record<string, unknown>>;
  return [apiVersion, kind, metadata?.namespace, metadata?.name].map(String).join(" ");
}

function firstDifference(a: unknown, b: unknown, path: string): string {
  const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  if (isBranch(a) && isBranch(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (canonical(a[key] ?? "?") !== canonical(b[key] ?? "?"))
        return firstDifference(a[key], b[key], `${path}/${key}`);
    }
  }
  return `${path}: kustomize ${canonical(a)}, here ${canonical(b)}`;
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return Number(item);
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
