import { expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeSync } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const INSTALL = "https://github.com/fluxcd/flux2/manifests/install?ref=v2.7.5";
const OWN = "clusters/home/flux-system";

/** The release as a remote base in a folder of its own, which the folder of source and root lists. */
const tree = (base: string): Files => ({
  [`${base}/kustomization.yaml`]: kustomization(`resources:\n- ${INSTALL}\n`),
  [`${OWN}/kustomization.yaml`]: kustomization(`resources:\n- ../../../${base}\n- sync.yaml\n`),
  [`${OWN}/sync.yaml`]: makeSync("./clusters/home"),
  "clusters/home/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
  "up.sh": `#!/bin/sh\nkubectl apply -k ${OWN}\n`,
});

test.each(["install", "base/one/install"])("a remote base in %s leaves what lists it", (base) => {
  const { cutover, cleanup } = runAll(tree(base));
  expect(cutover.rules).not.toContain("build-breaks");
  expect(Object.keys(cutover.files).filter((path) => path.startsWith(base))).toEqual([]);
  expect(cutover.files[`${OWN}/kustomization.yaml`]).not.toContain(base);
  expect(cutover.files[`${OWN}/kustomization.yaml`]).toContain("- sync.yaml\n");
  expect(cleanup.files[`${OWN}/sync.yaml`]).toBeUndefined();
});

test("a command that applies what lists it installs the operator first", () => {
  const { cutover } = runAll(tree("install"));
  expect(cutover.files["up.sh"]).toMatch(
    new RegExp(`flux-operator [\\s\\S]*flux-instance [\\s\\S]*\\nuntil kubectl wait .*\\nkubectl apply -k ${OWN}\\n$`),
  );
});

test("the install counts what it takes over, though no name of it stands in the repository", () => {
  const files = tree("install");
  delete files[`${OWN}/kustomization.yaml`];
  files["clusters/home/install.yaml"] = APP.replaceAll("name: apps", "name: install").replace("./apps", "./install");
  const { install } = runAll(files);
  const [created] = install.plan.phases.flatMap(({ clusters }) =>
    clusters.map(({ safety }) => safety?.outcomes.created),
  );
  expect(created?.names.join()).not.toContain("CustomResourceDefinition");
});
