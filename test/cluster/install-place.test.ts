import { describe, expect, test } from "vitest";
import { CONFIG, kustomization, makeGotk, makeSync } from "../gotk/make-gotk.ts";
import { type Files, runPhase } from "../gotk/run-phases.ts";

describe("where an install that nobody wrote down is to be written", () => {
  const advice = (files: Files) =>
    runPhase(files, "install").findings.find(({ rule }) => rule === "install-not-found")?.next;
  const tree = (top: string, own: string): Files => ({
    "clusters/a/kustomization.yaml": kustomization(`${top}resources:\n- sync\n- settings.yaml\n`),
    "clusters/a/settings.yaml": CONFIG,
    "clusters/a/sync/kustomization.yaml": kustomization(`${own}resources:\n- sync.yaml\n`),
    "clusters/a/sync/sync.yaml": makeSync("./clusters/a"),
  });

  test("beside the root, where nothing changes what is listed there", () => {
    expect(advice(tree("", "namespace: flux-system\n"))).toContain(
      "into clusters/a/sync/gotk-components.yaml; list that",
    );
  });

  test("in the folder that the root builds, where the one beside it gives another namespace", () => {
    expect(advice(tree("", "namespace: gitops\n"))).toContain("into clusters/a/gotk-components.yaml; list that");
  });

  test.each(["- settings.yaml\n- sync/sync.yaml\n", "- settings.yaml\n"])(
    "there as well, where nothing lists the folder of the root: %j",
    (listed) => {
      const { "clusters/a/sync/kustomization.yaml": _, ...rest } = tree("", "");
      const top = kustomization(`resources:\n${listed}`);
      const said = advice({ ...rest, "clusters/a/kustomization.yaml": top });
      expect(said).toContain("into clusters/a/gotk-components.yaml; list that");
    },
  );

  test("beside the root in a folder that Flux takes as it is", () => {
    const sync = makeSync("./clusters/a");
    expect(advice({ "clusters/a/sync/sync.yaml": sync })).toContain("into clusters/a/sync/gotk-components.yaml");
  });

  test.each(["namespace: gitops\n", "namePrefix: a-\n", "commonLabels: {team: a}\n"])(
    "apart from a root with %s",
    (top) => {
      const said = advice(tree(top, ""));
      expect(said).toContain("into clusters/a/flux-install/gotk-components.yaml; have a FluxKustomization of its own");
    },
  );

  test("in place of a base that cannot be read, and that is told without its password", () => {
    const listed = (base: string, folder = "clusters/a"): Files =>
      Object.fromEntries(
        Object.entries({
          ...tree("", ""),
          "clusters/a/sync/kustomization.yaml": kustomization(`resources:\n- sync.yaml\n- ${base}\n`),
          "clusters/a/sync/sync.yaml": makeSync(`./${folder}`),
        }).map(([path, text]) => [path.replace("clusters/a", folder), text]),
      );
    const find = (files: Files) =>
      runPhase(files, "install").findings.find(({ rule }) => rule === "install-not-found")!;
    const found = find(listed("https://me:s3cr3t@git.example.org/bases//flux?ref=v1.4.0"));
    expect(found.what).toContain(
      "https://git.example.org/bases//flux?ref=v1.4.0 (clusters/a/sync/kustomization.yaml:5)",
    );
    expect(found.next).toContain("into clusters/a/sync/gotk-components.yaml, the patches of the base as patches");
    expect(found.next).toContain("take the base out in one commit");
    const other = "https://github.com/kubernetes-sigs/gateway-api/config/crd?ref=v1.2.0";
    for (const folder of ["clusters/a", "flux/clusters/a"])
      expect(find(listed(other, folder)).what).not.toContain("base");
  });

  test("a file that lies idle is applied apart as well", () => {
    const idle = { "other/gotk-components.yaml": makeGotk() };
    const said = advice({ ...tree("namespace: gitops\n", ""), ...idle });
    expect(said).toContain("have a FluxKustomization of its own apply other");
  });

  test.each([
    [
      "bootstrap.sh",
      "#!/bin/sh\nkubectl apply -k https://github.com/fluxcd/flux2/manifests/install?ref=v2.6.4 \\\n  --server-side\n",
    ],
    [
      "talos/patch.yaml",
      "cluster:\n  extraManifests: [https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml]\n",
    ],
  ])("with the line of %s that names a release", (file, text) => {
    const find = (files: Files) =>
      runPhase(files, "install").findings.find(({ rule }) => rule === "install-not-found")!;
    expect(find({ ...tree("", ""), [file]: text }).what).toContain(`${file}:2 names the manifests of a release`);
    const others = {
      "README.md": text,
      ".github/workflows/e2e.yaml": text,
      "old/archive/up.sh": text,
      "up.sh": `# ${text.replaceAll("\n", " ")}`,
    };
    expect(find({ ...tree("", ""), ...others }).what).toContain("so version, components and patches");
  });
});
