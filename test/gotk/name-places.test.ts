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

  test.each([
    ["ci.sh", "flux reconcile source git flux-system\ncommand -v flux\nfor tool in flux helm; do which $tool; done\n"],
    [
      ".github/workflows/ci.yaml",
      "on: push\njobs:\n  flux:\n    steps:\n      - name: Install flux\n        run: flux check\n  next:\n    needs: flux\n",
    ],
    ["Makefile", ".PHONY: flux\nflux:\n\t@flux check --pre\n\tFOO=bar flux get all\n"],
    ["Taskfile.yaml", "tasks:\n  up:\n    desc: Watch flux\n    cmds:\n      - task: flux\n      - flux get all\n"],
  ])("stays the name of a program or a task: %s", (path, text) => {
    const { "clusters/home/flux-system/kustomization.yaml": list, ...rest } = makeFluxSystem("clusters/home");
    const moved = Object.entries(rest).map(([old, body]) => [old.replace("clusters/home/flux-system", "flux"), body]);
    const top: Files = { ...Object.fromEntries(moved), "flux/kustomization.yaml": list!, "apps/settings.yaml": CONFIG };
    const root =
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../flux\n  - apps.yaml\n";
    const files = { ...top, "clusters/home/kustomization.yaml": root, "clusters/home/apps.yaml": APP };
    const { cutover, cleanup } = runAll({ ...files, [path]: text });
    expect(Object.keys(cleanup.files).filter((one) => one.startsWith("flux/"))).toEqual([]);
    expect(cleanup.files[path]).toBe(text);
    const said = [...cutover.findings, ...cleanup.findings].filter(({ at }) => at?.file === path);
    expect(said.map(({ rule }) => rule)).toEqual([]);
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
