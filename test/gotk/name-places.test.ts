import { describe, expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const HOME: Files = {
  ...makeFluxSystem("clusters/home"),
  "clusters/home/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
};

/** A folder from which `flux-system` is that of the cluster. */
const BESIDE = "clusters/home";

/** The text of a file after all phases, and the rules of what was said about it. */
function leftOf(path: string, text: string) {
  const phases = Object.values(runAll({ ...HOME, [path]: text }));
  const said = phases.flatMap(({ findings }) => findings.filter(({ at }) => at?.file === path));
  return { text: phases.at(-1)!.files[path], rules: [...new Set(said.map(({ rule }) => rule))] };
}

describe("a name that a folder has as well", () => {
  test.each([
    "kubectl apply -n flux-system -f key.yaml",
    "kubectl apply --namespace=flux-system -f key.yaml",
    'NS=flux-system\nsops -d key.yaml | kubectl apply --namespace "$NS" -f -',
    "kubectl create namespace flux-system --dry-run=client -o yaml | kubectl apply -f -",
    "for ns in apps flux-system; do kubectl create ns $ns; done",
    "kubectl -n flux-system create secret generic key --from-file=key.txt",
    "# flux-system must be there before anything else\nkubectl apply -f key.yaml",
    "echo waiting for flux-system\nflux reconcile kustomization flux-system --with-source",
    "kubectl wait ns/flux-system --for=delete && kubectl apply -f key.yaml",
  ])("stays a name in a command: %s", (command) => {
    const text = `#!/bin/sh\n${command}\n`;
    expect(leftOf(`${BESIDE}/bootstrap.sh`, text)).toEqual({ text, rules: [] });
  });

  test("stays a name in code that keeps a state of what it applies", () => {
    const text = `resource "kubernetes_manifest" "key" {\n  depends_on = [flux_bootstrap_git.this]\n  manifest = {\n    "metadata" = {\n      "name"      = "flux-system"\n      "namespace" = "flux-system"\n    }\n  }\n}\n`;
    expect(leftOf(`${BESIDE}/key.tf`, text).rules).toEqual([]);
    expect(leftOf(`${BESIDE}/key.tf`, `${text}locals {\n  spaces = ["flux-system"]\n}\n`).rules).toEqual([]);
  });

  test.each([
    "kubectl apply -k flux-system",
    "kubectl apply -n flux-system -k flux-system",
    "kustomize build --enable-helm flux-system | kubectl apply -f -",
    "DIR=flux-system\nkubectl apply --kustomize=$DIR",
  ])("is the folder where one is asked for: %s", (command) => {
    const { text, rules } = leftOf(`${BESIDE}/bootstrap.sh`, `#!/bin/sh\n${command}\n`);
    expect([text?.includes("helm upgrade --install flux-instance"), ...rules]).toContainEqual(
      expect.toBeOneOf([true, "automation-applies-removed"]),
    );
  });

  test("is the folder where code asks for one", () => {
    const text = `data "kustomization_build" "flux" {\n  path       = "flux-system"\n  depends_on = [flux_bootstrap_git.this]\n}\n`;
    expect(leftOf(`${BESIDE}/flux.tf`, text).rules).toContain("automation-names-removed");
  });
});
