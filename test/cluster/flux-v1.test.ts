import { expect, test } from "vitest";
import { findNextSteps } from "../../src/report/next-step.ts";
import { planOf } from "../traps/support.ts";
import { flux } from "./fleet.ts";

const found = (files: Record<string, string>) =>
  planOf(files).findings.map(({ rule, at }) => [rule, at?.file, at?.line]);
const RELEASE = "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: web}\nspec: {releaseName: web}\n";

test("a repository of Flux 1 is called one, by whatever only that has", () => {
  expect(found({ "releases/web.yaml": `---\n${RELEASE}` })).toEqual([["flux-v1", "releases/web.yaml", 2]]);
  expect(found({ "up.sh": "#!/bin/sh\nhelm repo add fluxcd https://charts.fluxcd.io\n" })).toEqual([
    ["flux-v1", "up.sh", 2],
  ]);
  expect(found({ "d.yaml": "image: docker.io/fluxcd/flux:1.25.4\n" })).toEqual([["flux-v1", "d.yaml", 1]]);
  expect(found({ "up.sh": "fluxctl --k8s-fwd-ns flux sync\n" })).toEqual([["flux-v1", "up.sh", 1]]);
  expect(found({ ".flux.yaml": "version: 1\npatchUpdated:\n  patchFile: flux-patch.yaml\n" })).toEqual([
    ["flux-v1", ".flux.yaml", 1],
  ]);
  const [blocker] = planOf({ "releases/web.yaml": RELEASE }).findings;
  expect(blocker?.what).toBe("This is Flux 1 (helm.fluxcd.io/v1), and nothing here is of Flux 2.");
});

test("but not by a page, a comment or an archive, nor where anything is of Flux 2", () => {
  const others: [string, string][] = [
    ["README.md", "helm repo add fluxcd https://charts.fluxcd.io\n"],
    ["up.sh", "# fluxctl sync\necho up\n"],
    ["archive/web.yaml", RELEASE],
    [".flux.yaml", "version: 1\n"],
    ["Brewfile", 'brew "fluxctl"\n'],
    ["up.sh", "echo fluxctl is gone\n"],
  ];
  for (const [path, text] of others) expect(found({ [path]: text })[0]?.[0]).toBe("nothing-recognised");
  expect(found({ "releases/web.yaml": RELEASE, "flux/apps.yaml": flux("apps", "./apps") })[0]?.[0]).not.toBe("flux-v1");
  for (const installs of [
    { "main.tf": 'resource "flux_bootstrap_git" "this" {\n  path = "clusters/home"\n}\n' },
    { "up.sh": "flux bootstrap github --owner=me --repository=fleet --path=clusters/home\n" },
    { "helmfile.yaml": "releases:\n- name: flux\n  chart: fluxcd-community/flux2\n" },
  ] as Record<string, string>[])
    expect(found({ ...installs, "bin/old.sh": "fluxctl sync\n" })[0]?.[0]).toBe("nothing-recognised");
});

test("another folder is named as the next step only where this one holds nothing of Flux", () => {
  const says = (files: Record<string, string>) => findNextSteps(planOf(files))[0];
  expect(says({ "a.txt": "nothing\n" })?.commands).toEqual(["fluxlift scan DIR"]);
  expect(says({ "releases/web.yaml": RELEASE })).toEqual({
    says: "Nothing can be planned before what is named above is settled. Then plan again:",
    commands: ["fluxlift plan"],
  });
  expect(says({ "main.tf": '  extension_type = "microsoft.flux"\n', "apps.yaml": flux("apps", "./apps") })).toEqual({
    says: "Nothing can be planned as long as Azure installs this Flux.",
    commands: [],
  });
});
