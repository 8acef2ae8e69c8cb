import { isArchived, isJinja } from "../../src/cluster/automation-files.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { isFluxInstallUrl } from "../../src/delivery/kinds.ts";
import type { TransformContext } from "../contract.ts";
import { isReporter } from "../shared/automation/docs.ts";
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
  const gone = [
    ...targets.filter(({ type }) => type === "file").map(({ path }) => path),
    ...(helmfile === undefined ? [] : [helmfile]),
  ];
  const found = tree.paths.flatMap((path) => {
    if (!isJinja(path) || isArchived(path)) return [];
    const output = path.replace(/\.(j2|jinja2?)$/, "");
    const isGone = gone.some((file) => output.endsWith(`/${file}`));
    if (!isGone && !reportsAll) return [];
    const lines = (tree.read(path) ?? "").split("\n");
    const installs = lines.flatMap((text, index) =>
      isFluxInstallUrl(text) || text.includes("fluxcd/flux-manifests") ? [index + 1] : [],
    );
    return (isGone && installs.length === 0 ? [1] : installs).map((line) => lineOf(path, line));
  });
  const [at] = found;
  if (!at) return [];
  const places = found.map(({ file, line }) => `${file}:${line}`);
  return [{ rule: "template-regenerates", level: "caution", at, facts: { places } }];
}
