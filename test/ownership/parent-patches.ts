import { type Files, type Migrated, run } from "../traps/support.ts";

export const PARENT = "kubernetes/flux/apps.yaml";
export const KS = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization";
export const HR = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease";
export const indent = (text: string, by: number) => text.replace(/^(?=.)/gm, " ".repeat(by));

/** Lines of a FluxKustomization's spec: one patch of what it applies. */
export const patch = (body: string, target: string) =>
  `  patches:\n    - patch: |\n${indent(body, 8)}\n      target:\n${indent(target, 8)}\n`;
/** The same for the fields of one FluxKustomization. */
export const patchApp = (name: string, fields: string) =>
  patch(`${KS}\nmetadata:\n  name: x\nspec:\n${indent(fields, 2)}`, `kind: Kustomization\nname: ${name}`);
/** And for those of every HelmRelease below every child. */
export const patchRelease = (fields: string, selector = "") =>
  patch(
    `${KS}\nmetadata:\n  name: x\nspec:\n  patches:\n    - patch: |\n${indent(`${HR}\nmetadata:\n  name: x\n${fields}`, 8)}\n      target:\n        kind: HelmRelease`,
    `kind: Kustomization\n${selector === "" ? "name: flux-.*" : `labelSelector: "${selector}"`}`,
  );
export const ofRelease = (spec: string, selector = "") => patchRelease(`spec:\n${indent(spec, 2)}`, selector);

/** Only what writes the apps and checks them: the rest of a plan says nothing here. */
export const checked = (files: Files, options = {}) =>
  run(files, { only: ["operator-app", "instance-app", "protections"], ...options });

/** What a rule that stops the cluster says: place, and sentence. */
export const told = ({ findings }: Migrated, rule: string) =>
  findings
    .filter((one) => one.rule === rule)
    .map(({ level, at, what }) => `${level === "blocker" ? "" : `${level} `}${at?.file}:${at?.line} ${what}`);
export const undone = (files: Files) => told(checked(files), "protection-undone");
export const says = (app: string, how: string) =>
  `${PARENT}:14 Patches of this FluxKustomization reach ${app} and undo its protection: ${how}.`;
