import type { TextRange } from "../../src/contract/edit.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { Helmfile } from "../shared/automation/helmfile-find.ts";
import type { WantedRelease } from "./release.ts";
import { findReleaseItems, findScalar } from "./text.ts";
import { readsApp } from "./values.ts";

/** Where a release starts; the first line when the releases are not a block list. */
export function placeOf({ path, text }: Pick<Helmfile, "path" | "text">, index: number): Loc {
  const item = findReleaseItems(text)[index];
  return lineOf(path, item ? text.slice(0, item.start).split("\n").length : 1);
}

export interface CheckedRelease {
  ranges: TextRange[];
  findings: DraftFinding[];
  /** Fields of the release that change. */
  expected: YamlData;
}

/**
 * Compares an entry that is already there with its app. The version is aligned with the OCIRepository, which Renovate
 * and Flux follow; what the owner decided otherwise (values, names, order) is only reported.
 */
export function checkRelease(tree: Tree, helmfile: Helmfile, index: number, { app }: WantedRelease): CheckedRelease {
  const release = helmfile.data.releases[index];
  const result: CheckedRelease = { ranges: [], findings: [], expected: {} };
  const place = { level: "caution", at: placeOf(helmfile, index) } as const;
  const { release: name, namespace } = app;
  if (app.version !== undefined && String(release.version) !== app.version) {
    const item = findReleaseItems(helmfile.text)[index];
    const scalar = item && findScalar(helmfile.text, item, "version");
    if (scalar) {
      result.ranges.push({ ...scalar, text: app.version });
      result.expected.version = app.version;
    } else {
      const version = release.version as string | undefined;
      const facts = { release: name, version, wanted: app.version };
      result.findings.push({ rule: "helmfile-version", ...place, facts });
    }
  }
  if (release.name !== app.release || (release.namespace ?? "") !== app.namespace) {
    const found = `${release.namespace ?? "(default)"}/${release.name}`;
    result.findings.push({ rule: "helmfile-release-name", ...place, facts: { found, namespace, release: name } });
  }
  if (!hasValues(tree, helmfile, release, app)) {
    const facts = { release: name, file: app.object.file };
    result.findings.push({ rule: "helmfile-values-differ", ...place, facts });
  }
  const needs: unknown[] = Array.isArray(release.needs) ? release.needs : [];
  if (app.app === "flux-instance" && !needs.some((need) => String(need).endsWith("flux-operator"))) {
    result.findings.push({ rule: "helmfile-order", ...place, facts: { namespace } });
  }
  return result;
}

function hasValues(tree: Tree, helmfile: Helmfile, release: YamlData, app: WantedRelease["app"]): boolean {
  if (app.values === undefined && app.valuesFiles.length === 0) return true;
  const entries: unknown[] = Array.isArray(release.values) ? release.values : [];
  const paths = entries
    .filter((entry) => typeof entry === "string")
    .map((entry) => join(dirname(helmfile.path), entry));
  const readsFiles = app.valuesFiles.every((file) => paths.includes(file));
  return readsFiles && (app.values === undefined || paths.some((path) => readsApp(tree, path, app)));
}
