import { isDeepStrictEqual } from "node:util";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { normalizePath } from "../../delivery/paths.ts";

/** Format the FluxInstance accepts for `sync.interval` (flux-facts 1.2). */
const INSTANCE_INTERVAL = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export function isInstanceInterval(text: unknown): text is string {
  return typeof text === "string" && INSTANCE_INTERVAL.test(text);
}

/** Whether two Go durations are the same time: `10m` and `10m0s`. */
export function isSameDuration(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return isInstanceInterval(a) && isInstanceInterval(b) && toMilliseconds(a) === toMilliseconds(b);
}

/** Whether two Go durations are half a minute apart at most: a FluxKustomization without a timeout has its interval less that. */
export function isAbout(a: unknown, b: unknown): boolean {
  return isInstanceInterval(a) && isInstanceInterval(b) && Math.abs(toMilliseconds(a) - toMilliseconds(b)) <= 30_000;
}

/** Whether a Go duration says less time than another; what is none says nothing. */
export function isShorter(duration: unknown, than: string): boolean {
  return isInstanceInterval(duration) && toMilliseconds(duration) < toMilliseconds(than);
}

function toMilliseconds(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g)) total += Number(amount) * UNITS[unit!]!;
  return total;
}

/** Whether two paths name the same folder of an artifact: `./a`, `a/`, and nothing at all for its root. */
export function isSamePath(a: unknown, b: unknown): boolean {
  return normalizePath(String(a ?? "")) === normalizePath(String(b ?? ""));
}

/** What `sync.ref` says of an old reference; `isExact` when the generated reference needs no patch. */
export function refOf(kind: string, spec: FluxObjectSpec | undefined): { ref: string; isExact: boolean; why?: string } {
  if (kind === "Bucket") return { ref: String(spec?.bucketName ?? ""), isExact: true };
  const ref: Record<string, unknown> = spec?.ref ?? {};
  const keys = Object.keys(ref).filter((key) => ref[key] !== undefined && ref[key] !== null && ref[key] !== "");
  if (kind === "OCIRepository") {
    const isTagged = typeof ref.tag === "string" && keys.includes("tag");
    const tag = isTagged ? String(ref.tag) : "latest";
    if (keys.length === 0 || (keys.length === 1 && isTagged)) return { ref: tag, isExact: true };
    return { ref: tag, isExact: false, why: `a tag only, and the old reference has ${keys.join(", ")}` };
  }
  const branch = `refs/heads/${keys.includes("branch") ? ref.branch : "master"}`;
  if (keys.length === 0) return { ref: branch, isExact: true };
  if (keys.length === 1 && keys[0] === "branch") return { ref: branch, isExact: true };
  if (keys.length === 1 && keys[0] === "tag") return { ref: `refs/tags/${ref.tag}`, isExact: true };
  if (keys.length === 1 && keys[0] === "name") return { ref: String(ref.name), isExact: true };
  const why = `a full reference name only, and the old reference has ${keys.join(", ")}`;
  return { ref: branch, isExact: false, why };
}

/** Whether two references resolve alike: a branch and its full name (flux-facts 4.4). */
export function isSameRef(kind: string, oldSpec: FluxObjectSpec, generated: unknown): boolean {
  const { ref, isExact } = refOf(kind, oldSpec);
  if (!isExact) return false;
  return isDeepStrictEqual(generated, kind === "OCIRepository" ? { tag: ref } : { name: ref });
}
