import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { isFluxInstallUrl } from "../kinds.ts";
import { isArchived, isJinja } from "./files.ts";
import { isReporter } from "./reinstalls.ts";
import type { Target } from "./targets.ts";

/**
 * Templates that would write removed files again, or an edited helmfile as it was, the next time somebody renders them:
 * by the path they render to, and by an install in their text.
 */
export function findRegenerating(
  context: TransformContext,
  targets: readonly Target[],
  helmfile: string | undefined,
): DraftFinding[] {
  const { tree } = context;
  const reportsAll = isReporter(context);
  const gone = targets.filter(({ type }) => type === "file").map(({ path }) => path);
  if (helmfile !== undefined) gone.push(helmfile);
  const found: { path: string; line: number }[] = [];
  for (const path of tree.paths) {
    if (!isJinja(path) || isArchived(path)) continue;
    const output = path.replace(/\.(j2|jinja2?)$/, "");
    const isGone = gone.some((file) => output.endsWith(`/${file}`));
    if (!isGone && !reportsAll) continue;
    const lines = (tree.read(path) ?? "").split("\n");
    const installs = lines.flatMap((text, index) =>
      isFluxInstallUrl(text) || /fluxcd\/flux-manifests/.test(text) ? [index + 1] : [],
    );
    if (isGone && installs.length === 0) installs.push(1);
    found.push(...installs.map((line) => ({ path, line })));
  }
  const [first] = found;
  if (!first) return [];
  const shown = found.slice(0, 12).map(({ path, line }) => `${path}:${line}`);
  return [
    {
      rule: "template-regenerates",
      level: "caution",
      at: { file: first.path, line: first.line, col: 1 },
      what: `Rendering these templates writes the old install or the old bootstrap back: ${shown.join(", ")}${found.length > shown.length ? ` and ${found.length - shown.length} more` : ""}.`,
      why: "fluxlift edits the rendered files, not the templates they came from; the next render undoes the migration (trap 43).",
      next: "Change the templates in the same way, or remove them if this repository is no longer rendered.",
    },
  ];
}
