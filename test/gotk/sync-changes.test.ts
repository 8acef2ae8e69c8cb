import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const SCRIPT = "scripts/try.sh";

function said(script: string) {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { install, cutover, cleanup } = runAll({ ...home, [SCRIPT]: script });
  expect(install.rules).not.toContain("automation-changes-sync");
  const of = ({ findings }: typeof cutover) => findings.filter(({ rule }) => rule === "automation-changes-sync");
  expect(of(cleanup).map(({ what }) => what)).toEqual(of(cutover).map(({ what }) => what));
  return of(cutover)[0];
}

test("commands that change the source or the root are named: the operator takes it back, and a branch has no effect", () => {
  const found = said(`#!/bin/sh
# kubectl patch gitrepository flux-system
kubectl -n flux-system patch gitrepository flux-system \\
  --type=merge -p '{"spec":{"ref":{"branch":"try"}}}'
kubectl patch gitrepositories.source.toolkit.fluxcd.io/flux-system --type=merge -p '{}'
flux create source git flux-system --url=ssh://git@git.example.org/fleet --branch=main
flux -n flux-system suspend kustomization flux-system
`);
  expect(found).toMatchObject({ level: "caution", at: { file: SCRIPT, line: 3 } });
  expect(found!.what).toContain([3, 5, 6, 7].map((line) => `${SCRIPT}:${line}`).join(", "));
  expect(found!.next).toContain("kubectl annotate --overwrite fluxinstance flux --namespace flux-system");
});

test.each([
  "kubectl patch gitrepository flux-system-charts -p '{}'",
  "kubectl patch gitrepository apps -p flux-system",
  "kubectl get gitrepository flux-system | patch flux-system",
  "flux create source git flux-system --url=x --export > source.yaml",
  "flux reconcile source git flux-system",
  "flux suspend kustomization apps",
  "flux install\nflux create source git flux-system --branch=try",
])("nothing is said of %s", (command) => {
  expect(said(`${command}\n`)).toBeUndefined();
});
