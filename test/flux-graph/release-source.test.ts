import { describe, expect, it } from "vitest";
import {
  blockers,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  instanceOf,
  list,
  migrate,
  migrateAll,
  planOf,
  run,
} from "../traps/support.ts";

const DELETE_POLICIES =
  "  patches:\n    - patch: |\n        $patch: delete\n        apiVersion: networking.k8s.io/v1\n        kind: NetworkPolicy\n        metadata:\n          name: x\n      target:\n        kind: NetworkPolicy\n";

/** A home-ops repository whose Flux comes from the Git repository of flux2. */
function fromGit(ref = "    tag: v2.6.4\n", spec = DELETE_POLICIES, path = "manifests/install"): Files {
  const source = `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-release
  namespace: flux-system
spec:
  interval: 1h
  url: https://github.com/fluxcd/flux2
  ref:
${ref}`;
  const flux = fluxKustomization(
    "flux",
    path,
    `  sourceRef:\n    kind: GitRepository\n    name: flux-release\n${spec}`,
  );
  return { ...homeOps(), [FLUX]: source + flux };
}

describe("an install that Flux builds from the Git repository of flux2", () => {
  it("is carried over, and gone after the cutover with its source", () => {
    expect(instanceOf(migrate(fromGit()).files)).toMatchObject({
      distribution: { version: "2.6.x" },
      cluster: { networkPolicy: false },
      kustomize: expect.anything(),
    });
    const after = migrateAll(fromGit());
    expect(after[FLUX]).toBeUndefined();
    expect(JSON.stringify(after)).not.toContain("flux-release");
  });

  it("says its version by tag or by the full name of one, and not by a commit or a branch", () => {
    const version = (ref: string) => instanceOf(migrate(fromGit(ref)).files).distribution.version;
    expect(version("    tag: v2.6.4\n")).toBe("2.6.x");
    expect(version("    name: refs/tags/v2.6.4\n    tag: v2.5.0\n")).toBe("2.6.x");
    for (const ref of ["    branch: main\n", "    tag: v2.6.4\n    commit: abc\n", '    semver: ">=2.6"\n']) {
      expect(blockers(run(fromGit(ref))).join()).toMatch(/^version-unknown /);
    }
  });

  it("is none when another folder of flux2 is built", () => {
    expect(blockers(run(fromGit(undefined, "", "manifests/crds"))).join()).toMatch(/^install-not-found /);
  });

  it("is one too many beside the remote base", () => {
    const files = fromGit();
    files["kubernetes/flux/config/kustomization.yaml"] = list(
      "github.com/fluxcd/flux2/manifests/install?ref=v2.6.4",
      "./cluster.yaml",
      "./flux.yaml",
    );
    expect(blockers(run(files)).join()).toMatch(/^install-contradiction /);
  });

  it("may name the images where the operator takes them from, and no others", () => {
    const images = (to: string, more = "") =>
      `  images:\n    - name: fluxcd/helm-controller\n      newName: ${to}\n${more}`;
    expect(blockers(run(fromGit(undefined, images("ghcr.io/fluxcd/helm-controller"))))).toEqual([]);
    for (const [other, rule] of [
      [images("mirror.example/fluxcd/helm-controller"), "gotk-registry-mixed"],
      [images("ghcr.io/fluxcd/source-controller"), "gotk-image-renamed"],
      [images("ghcr.io/fluxcd/helm-controller", "      newTag: v99.0.0\n"), "gotk-image-newer"],
    ] as const) {
      expect(blockers(run(fromGit(undefined, other))).map((one) => one.split(" ")[0])).toEqual([rule]);
    }
  });
});

it("names the install that was applied by hand where nothing else installs Flux", () => {
  const files = homeOps();
  delete files[FLUX];
  files["kubernetes/flux/config/kustomization.yaml"] = list("./cluster.yaml");
  files["kubernetes/bootstrap/flux/kustomization.yaml"] = list("github.com/fluxcd/flux2/manifests/install?ref=v2.6.4");
  const found = run(files).findings.find(({ rule }) => rule === "install-not-found");
  expect(found?.why).toContain("kubernetes/bootstrap/flux/kustomization.yaml:4 is applied by hand");
  expect(found?.next).toContain("with the patches of kubernetes/bootstrap/flux/kustomization.yaml, if it has any");
  expect(found?.next).toContain("an OCIRepository of oci://ghcr.io/fluxcd/flux-manifests at the version");
});

it("names the OCIRepository of the release that is there, where only the FluxKustomization on it is missing", () => {
  const files = homeOps();
  files[FLUX] = files[FLUX]!.split("---\n").find((doc) => doc.includes("kind: OCIRepository"))!;
  files["kubernetes/bootstrap/flux/kustomization.yaml"] = list("github.com/fluxcd/flux2/manifests/install?ref=v2.6.4");
  const found = run(files).findings.find(({ rule }) => rule === "install-not-found");
  expect(found?.next).toContain(`the OCIRepository of ${FLUX} at the version that`);
});

it("says of a root in a template that it is one", () => {
  const cluster = "kubernetes/flux/config/cluster.yaml";
  const text = homeOps()[cluster]!.replace("path: ./kubernetes/flux", 'path: "./{{ args.cluster }}/flux"');
  const found = planOf({ [cluster]: text }).findings.find(({ rule }) => rule === "root-not-found");
  expect(found?.why).toMatch(/builds \.\/\{\{ args\.cluster \}\}\/flux, which something fills in/);
  // Where the reason is not shown, the next step has to stand by itself.
  expect(found?.next).toBe(
    "Have ./{{ args.cluster }}/flux filled in first, and run fluxlift on the tree that comes of it.",
  );
});

it("says of a root that a script fills in how its clusters become known", () => {
  const cluster = "kubernetes/flux/config/cluster.yaml";
  const text = homeOps()[cluster]!.replace("path: ./kubernetes/flux", "path: ./clusters/${CLUSTER}");
  const found = planOf({ [cluster]: text }).findings.find(({ rule }) => rule === "root-not-found");
  expect(found?.next).toMatch(
    /^If a script fills in \.\/clusters\/\$\{CLUSTER\} .*commit source and root as each cluster has/,
  );
});

it("does not promise that an object stays where the generated root of another name delivers it too", () => {
  const said = (sync: "adopt" | "rename", root = ""): string[] => {
    const installed = migrate(homeOps({ root }), { sync }).files;
    const { findings } = run(installed, { sync, phase: "cutover" });
    return findings.filter(({ rule }) => rule === "orphan-left").map(({ what }) => what);
  };
  expect(said("adopt")).toEqual([]);
  expect(said("rename").map((text) => text.replace(/^.* (may stay|stays) .*$/, "$1"))).toEqual([
    "may stay",
    "may stay",
  ]);
});
