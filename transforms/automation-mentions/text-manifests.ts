import { isCommentLine } from "../../src/cluster/readable-text.ts";
import type { KubeObject } from "../../src/contract/objects.ts";

const KIND = /^[ \t]*kind:[ \t]+["']?(GitRepository|OCIRepository|Bucket|Kustomization)["']?[ \t\r]*$/;
const API = /^[ \t]*(?:-[ \t]+)?apiVersion:[ \t]+["']?(?:source|kustomize)\.toolkit\.fluxcd\.io\//;
const NAME = /^[ \t]*name:[ \t]+["']?([\w.-]+)["']?[ \t\r]*$/;
const METADATA = /^[ \t]*metadata:[ \t\r]*$/;
const APPLIES = /\b(?:kubectl|oc)\b.*\s(?:apply|create|replace)\b/;

/** Lines of a manifest that are looked at for its name. */
const NEAR = 8;

/**
 * Numbers of the lines that begin a manifest of one of these objects in a text which a command applies: a heredoc, what
 * `echo` pipes into kubectl.
 */
export function findAppliedTexts(text: string, objects: readonly Pick<KubeObject, "kind" | "name">[]): number[] {
  if (!text.includes("toolkit.fluxcd.io/")) return [];
  const lines = text.split("\n");
  if (!lines.some((line) => APPLIES.test(line) && !isCommentLine(line))) return [];
  return lines.flatMap((line, index) => {
    const kind = KIND.exec(line)?.[1];
    if (kind === undefined || !lines.slice(Math.max(index - 2, 0), index).some((near) => API.test(near))) return [];
    const next = lines.slice(index + 1, index + NEAR);
    const at = next.findIndex((near) => METADATA.test(near));
    const name = at < 0 ? undefined : next.slice(at + 1).flatMap((near) => NAME.exec(near)?.[1] ?? [])[0];
    return objects.some((one) => one.kind === kind && one.name === name) ? [index + 1] : [];
  });
}
