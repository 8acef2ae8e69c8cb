import type { DraftFinding } from "../../engine/transform.ts";
import type { TextRange } from "../../engine/types.ts";
import type { Tree } from "../../workspace/tree.ts";
import { dirname, join } from "../paths.ts";
import type { YamlData } from "../types.ts";
import type { WantedRelease } from "./helmfile.ts";
import type { Helmfile } from "./helmfile-find.ts";
import { findReleaseItems, findScalar } from "./helmfile-text.ts";
import { readsApp } from "./helmfile-values.ts";

/** Line, counted from 1, on which a release starts; 1 when the releases are not a block list. */
export function lineOf(text: string, index: number): number {
  const item = findReleaseItems(text)[index];
  return item ? text.slice(0, item.start).split("\n").length : 1;
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
  const at = { file: helmfile.path, line: lineOf(helmfile.text, index), col: 1 };
  const report = (rule: string, what: string, why: string, next: string) =>
    result.findings.push({ rule, level: "caution", at, what, why, next });

  if (app.version !== undefined && String(release.version) !== app.version) {
    const item = findReleaseItems(helmfile.text)[index];
    const scalar = item && findScalar(helmfile.text, item, "version");
    if (scalar) {
      result.ranges.push({ ...scalar, text: app.version });
      result.expected.version = app.version;
    } else {
      report(
        "helmfile-version",
        `A rebuild installs ${app.release} ${release.version ?? "at its newest version"}, and Flux then moves it to ${app.version}.`,
        "An older operator may not embed the Flux version of the instance; a newer one may have changed what a downgrade cannot undo.",
        `Set version: ${app.version} here.`,
      );
    }
  }
  if (release.name !== app.release || (release.namespace ?? "") !== app.namespace) {
    report(
      "helmfile-release-name",
      `A rebuild installs release ${release.namespace ?? "(default)"}/${release.name}, and helm-controller then installs ${app.namespace}/${app.release} beside it.`,
      "helm-controller takes a release over only under the same name and namespace.",
      `Call this release ${app.release} in namespace ${app.namespace}.`,
    );
  }
  if (!hasValues(tree, helmfile, release, app)) {
    report(
      "helmfile-values-differ",
      `A rebuild installs ${app.release} without the values of ${app.object.file}.`,
      "Two descriptions of one release drift apart; a FluxInstance installed with other values syncs something else.",
      `Read the values from ${app.object.file} here.`,
    );
  }
  const needs: unknown[] = Array.isArray(release.needs) ? release.needs : [];
  if (app.app === "flux-instance" && !needs.some((need) => String(need).endsWith("flux-operator"))) {
    report(
      "helmfile-order",
      "A rebuild may install flux-instance before the operator has created the FluxInstance CRD, and Helm refuses it then.",
      "helmfile installs releases side by side unless one names the other in needs.",
      `Add needs: [${app.namespace}/flux-operator] to this release.`,
    );
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
