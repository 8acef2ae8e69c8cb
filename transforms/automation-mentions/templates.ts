import { isArchived, isJinja } from "../../src/cluster/automation-files.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { isFluxInstallUrl } from "../../src/delivery/kinds.ts";
import type { TransformContext } from "../contract.ts";
import { isReporter } from "../shared/automation/reinstalls.ts";
import type { Target } from "../shared/automation/targets.ts";

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
  const places = found.map(({ path, line }) => `${path}:${line}`);
  return [{ rule: "template-regenerates", level: "caution", at: lineOf(first.path, first.line), facts: { places } }];
}
