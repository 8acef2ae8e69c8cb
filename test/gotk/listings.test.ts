import { expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
const HEREDOC = `cat > "$FOLDER/kustomization.yaml" <<EOF
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  # as bootstrap has it
  - gotk-components.yaml
  - gotk-sync.yaml
EOF
`;

function said(path: string, text: string) {
  const { cutover, cleanup } = runAll({ ...home, [path]: text });
  const of = ({ findings }: typeof cutover) => findings.filter(({ rule }) => rule === "automation-installs-flux");
  const print = (one: typeof cutover) => of(one).map(({ at, what }) => `${at?.line} ${what.slice(0, 37).trim()}`);
  expect(print(cleanup)).toEqual(print(cutover));
  return print(cutover);
}

test.each([
  ["scripts/patch.sh", `#!/bin/sh\nFOLDER=clusters/home/flux-system\n${HEREDOC}`, 8],
  [
    "terraform/patch.tf",
    `resource "null_resource" "a" {\n  provisioner "x" {\n    command = <<-CMD\n${HEREDOC}CMD\n  }\n}\n`,
    9,
  ],
])("a kustomization that %s writes again is named with the line that lists the install", (path, text, line) => {
  expect(said(path, text)).toEqual([`${line} This writes the kustomization of flux`]);
});

test("beside a bootstrap it is part of that, and a list of something else is none", () => {
  const bootstrap = `#!/bin/sh\n${HEREDOC}flux bootstrap git --path=clusters/home --url=ssh://git@git.example.org/fleet\n`;
  expect(said("scripts/up.sh", bootstrap)).toEqual(["10 flux bootstrap writes its own install"]);
  const pushed = bootstrap.replace("flux bootstrap", 'git -C "$FOLDER" commit -am patches\nflux bootstrap');
  expect(said("scripts/up.sh", pushed)).toEqual([
    "11 flux bootstrap writes its own install",
    "7 This writes the kustomization of flux",
  ]);
  expect(said("scripts/check.sh", "#!/bin/sh\n# paths:\n# - gotk-components.yaml\necho done\n")).toEqual([]);
});

test("an old list of bases goes with its last entry", () => {
  const list = "clusters/home/flux-system/kustomization.yaml";
  const bases = kustomization("bases:\n- gotk-components.yaml\n- gotk-sync.yaml\n");
  const { install, cleanup } = runAll({ ...home, [list]: bases });
  expect(install.files[list]).toContain("bases:\n- gotk-components.yaml");
  expect(cleanup.files[list]).not.toContain("bases");
  expect(cleanup.files[list]).toContain("flux-instance.yaml");
});
