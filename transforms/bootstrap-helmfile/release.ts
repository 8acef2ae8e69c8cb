import type { DraftEdit, TextRange } from "../../src/contract/edit.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { positionAt } from "../../src/yaml/lines.ts";
import type { TransformContext } from "../contract.ts";
import type { AppName } from "../shared/apps/types.ts";
import type { FluxApp } from "../shared/automation/apps.ts";
import type { Helmfile } from "../shared/automation/helmfile-find.ts";
import { findReleaseItems, findScalar, type ReleaseEntry, releaseId } from "./text.ts";
import { readsApp, type WantedRelease } from "./values.ts";

/** Index of the entry of a chart, whatever the release is called; the community chart of Flux for `flux2`. */
export function findEntry(releases: readonly YamlData[], chart: AppName | "flux2"): number {
  return releases.findIndex(
    (release) => typeof release?.chart === "string" && release.chart.split("/").at(-1) === chart,
  );
}

/**
 * Releases as they are written. The operator waits for what its siblings wait for; the instance for the operator, under
 * the name it has here.
 * @param siblings releases that are written with them, @param existing those of the helmfile, @param before what these
 * wait for.
 */
export function toEntries(
  wanted: readonly WantedRelease[],
  siblings: readonly WantedRelease[],
  existing: readonly YamlData[] = [],
  before: string[] = [],
): ReleaseEntry[] {
  const operator = siblings.find(({ app }) => app.app === "flux-operator")?.app;
  const known = existing[findEntry(existing, "flux-operator")];
  const afterOperator = operator ? [`${operator.namespace}/${operator.release}`] : known ? [releaseId(known)] : before;
  return wanted.map(({ app, values }) => {
    const { release: name, namespace, chart, version = "" } = app;
    const entry = { name, namespace, chart, version, values };
    return app.app === "flux-instance" ? { ...entry, wait: false, needs: afterOperator } : { ...entry, needs: before };
  });
}

/** The templates that yield the values of releases, where they are not there yet. */
export function createTemplates({ cluster }: TransformContext, wanted: readonly WantedRelease[]): DraftEdit[] {
  const why = "The helmfile installs with the values of the apps.";
  const evidence = cluster.bootstraps.map(({ at }) => at);
  return wanted.flatMap(({ creates }) => (creates ? [{ kind: "create", ...creates, why, evidence }] : []));
}

/** Where a release starts; the first line when the releases are not a block list. */
export function placeOf({ path, text }: Helmfile, index: number): Loc {
  const item = findReleaseItems(text)[index];
  return lineOf(path, item ? positionAt(text, item.start).line : 1);
}

/** What becomes of a helmfile, collected step by step. */
export interface Extension {
  helmfile: Helmfile;
  ranges: TextRange[];
  /** The releases as they should read afterwards. */
  expected: YamlData[];
  /** The entry of the old chart that makes room for them. */
  replaced?: YamlData;
  findings: DraftFinding[];
}

/**
 * Compares an entry that is already there with its app. The version is aligned with the OCIRepository, which Renovate
 * and Flux follow; what the owner decided otherwise (values, names, order) is only reported.
 */
export function checkRelease(tree: Tree, plan: Extension, index: number, { app }: WantedRelease): void {
  const { helmfile, ranges, expected, findings } = plan;
  const release = helmfile.data.releases[index];
  const place = { level: "caution", at: placeOf(helmfile, index) } as const;
  const { release: name, namespace, version } = app;
  if (version !== undefined && String(release.version) !== version) {
    const item = findReleaseItems(helmfile.text)[index];
    const scalar = item && findScalar(helmfile.text, item, "version");
    if (scalar) {
      ranges.push({ ...scalar, text: version });
      expected[index].version = version;
    } else {
      const facts = { release: name, version: release.version as string | undefined, wanted: version };
      findings.push({ rule: "helmfile-version", ...place, facts });
    }
  }
  if (release.name !== name || (release.namespace ?? "") !== namespace) {
    const found = `${release.namespace ?? "(default)"}/${release.name}`;
    findings.push({ rule: "helmfile-release-name", ...place, facts: { found, namespace, release: name } });
  }
  if (!hasValues(tree, helmfile, release, app)) {
    findings.push({ rule: "helmfile-values-differ", ...place, facts: { release: name, file: app.object.file } });
  }
  if (app.app === "flux-instance" && !itemsOf(release.needs).some((need) => String(need).endsWith("flux-operator"))) {
    findings.push({ rule: "helmfile-order", ...place, facts: { namespace } });
  }
}

function hasValues(tree: Tree, helmfile: Helmfile, release: YamlData, app: FluxApp): boolean {
  const paths = itemsOf(release.values)
    .filter((entry) => typeof entry === "string")
    .flatMap((entry) => filesNamed(tree, helmfile.path, entry));
  const readsFiles = app.valuesFiles.every((file) => paths.includes(file));
  return readsFiles && (app.values === undefined || paths.some((path) => readsApp(tree, path, app)));
}

/** The files that an entry may name: behind a template, each that ends as the entry does. */
function filesNamed(tree: Tree, helmfile: string, entry: string): string[] {
  const end = entry.lastIndexOf("}}");
  if (end < 0) return [join(dirname(helmfile), entry)];
  const rest = entry.slice(end + 2);
  return /^\/[^/]+\//.test(rest) ? tree.paths.filter((path) => `/${path}`.endsWith(rest)) : [];
}

/**
 * What a rebuild would install differently from what helm-controller installs later.
 * @param helmfile undefined where a command of helm installs it
 */
export function reportValues(
  { tree }: TransformContext,
  helmfile: string | undefined,
  { app, substitution: { variables } }: Pick<WantedRelease, "app" | "substitution">,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const { object, release, unknownValues: sources } = app;
  const rest = { level: "caution", resource: describe(object) } as const;
  if (variables.length > 0) {
    const at = locateField(tree, object, ["spec", "values"]);
    findings.push({
      rule: "helmfile-values-substituted",
      ...rest,
      at,
      facts: { ...given({ helmfile }), release, variables },
    });
  }
  if (sources.length > 0) {
    const at = locateField(tree, object, ["spec", "valuesFrom"]);
    findings.push({
      rule: "helmfile-values-elsewhere",
      ...rest,
      at,
      facts: { ...given({ helmfile }), release, sources },
    });
  }
  return findings;
}

export function reportMissingCrd({ tree }: TransformContext, { object }: FluxApp): DraftFinding {
  const at = locateField(tree, object, ["spec", "values", "serviceMonitor"]);
  return { rule: "helmfile-missing-crd", level: "caution", resource: describe(object), at, facts: {} };
}
