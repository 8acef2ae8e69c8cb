import { readCommands } from "../../src/cluster/command-lines.ts";
import { TRIES } from "../../src/cluster/pruning-folders.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { basename } from "../../src/delivery/paths.ts";
import { runsOf } from "../shared/automation/sayings.ts";

const KIND = /^[ \t]*kind:[ \t]+["']?(GitRepository|OCIRepository|Bucket|Kustomization)["']?[ \t\r]*$/;
const API = /^[ \t]*(?:-[ \t]+)?apiVersion:[ \t]+["']?(?:source|kustomize)\.toolkit\.fluxcd\.io\//;
const FIELD = /^([ \t]*)(name|namespace):[ \t]+["']?([^\s"']+)["']?[ \t\r]*$/;
const METADATA = /^[ \t]*metadata:[ \t\r]*$/;
const APPLIES = /\b(?:kubectl|oc)\b.*\s(?:apply|create|replace)\b/;
const HEREDOC = /<<-?[ \t]*["'\\]?\w/;
/** Where a heredoc is written to: `cat > a.yaml <<EOF`, `tee a.yaml <<EOF`. */
const WRITTEN = /(?:^|[^<>&\d-])>>?[ \t]*["']?(?!\/dev\/)([^\s"'|;&<>]+)|\btee[ \t]+(?:-a[ \t]+)?["']?([^\s"'|;&<>]+)/;

/** Lines of a manifest that are looked at for its name. */
const NEAR = 8;

/**
 * Numbers of the lines that begin a manifest of one of these objects in a text which a command applies: a heredoc, what
 * `echo` pipes into kubectl. What a heredoc writes into a file counts where a command applies a file of that name.
 */
export function findAppliedTexts(
  text: string,
  objects: readonly Pick<KubeObject, "kind" | "name" | "namespace">[],
): number[] {
  if (!text.includes("toolkit.fluxcd.io/")) return [];
  const applies = readCommands(text)
    .map(({ line }) => runsOf(line))
    .filter((line) => APPLIES.test(line) && !TRIES.test(line));
  if (applies.length === 0) return [];
  const lines = text.split("\n");
  const named = new Set(applies.flatMap((line) => line.split(/[\s"'=,;()]+/).map(basename)));
  const isApplied = (opener: string): boolean => {
    const [, into, teed] = WRITTEN.exec(opener) ?? [];
    const file = basename(into ?? teed ?? "");
    if (file !== "") return named.has(file);
    const runs = runsOf(opener);
    return !APPLIES.test(opener) || (APPLIES.test(runs) && !TRIES.test(runs));
  };
  let isOpen = true;
  return lines.flatMap((line, index) => {
    if (HEREDOC.test(line)) isOpen = isApplied(line.replace(/\r$/, ""));
    const kind = KIND.exec(line)?.[1];
    if (!isOpen || kind === undefined) return [];
    if (!lines.slice(Math.max(index - 2, 0), index + 3).some((near) => API.test(near))) return [];
    const next = lines.slice(index + 1, index + NEAR);
    const at = next.findIndex((near) => METADATA.test(near));
    const [first = "", ...rest] = at < 0 ? [] : next.slice(at + 1);
    const indent = /^[ \t]*/.exec(first)?.[0];
    const fields = [first, ...rest].map((near) => FIELD.exec(near)).filter((found) => found?.[1] === indent);
    const sayOf = (field: string) => fields.find((found) => found?.[2] === field)?.[3];
    const namespace = sayOf("namespace");
    const isSame = (one: (typeof objects)[number]) =>
      one.kind === kind &&
      one.name === sayOf("name") &&
      (namespace === undefined || /[$<{]/.test(namespace) || namespace === one.namespace);
    return objects.some(isSame) ? [index + 1] : [];
  });
}
