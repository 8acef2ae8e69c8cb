import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, kustomization, operatorTree } from "./home-tree.ts";

const FLUX = "kubernetes/flux/config/flux.yaml";
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const LIST = "kubernetes/flux/config/kustomization.yaml";

const inShort = ({ verdict, findings }: ReturnType<typeof verifyEdits>) =>
  [verdict, ...findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule)].join(" | ");

describe("Flux goes back", () => {
  test.each([
    // The older release does not have what the newer one stores: OCIRepository v1, Bucket v1, kinds of images.
    ["2.6.4", "2.5.1", "unsafe | instance-harms"],
    ["2.4.0", "2.3.0", "unsafe | instance-harms"],
    ["2.7.5", "2.6.4", "unsafe | instance-harms"],
    ["2.9.4", "2.6.4", "unsafe | instance-harms"],
    ["2.8.3", "2.7.5", "unproven | safety-unknown"],
    ["2.6.4", "2.6.1", "unproven"],
    ["2.6.4", "2.7.5", "safe"],
  ])("by the tag of the artifact, from %s to %s", (from, to, said) => {
    const tree = homeTree();
    const tagged = (version: string) => tree[FLUX]!.replace("v2.6.4", `v${version}`);
    expect(inShort(verifyEdits({ [FLUX]: tagged(to) }, { ...tree, [FLUX]: tagged(from) }))).toBe(said);
  });

  test("by a patch of its source, or a range", () => {
    const patched = (tag: string) => {
      const patch = `[{"op": "replace", "path": "/spec/ref/tag", "value": "${tag}"}]`;
      return kustomization(
        ["cluster.yaml", "flux.yaml"],
        [`patches: [{target: {kind: OCIRepository}, patch: '${patch}'}]`],
      );
    };
    const tree = homeTree();
    expect(inShort(verifyEdits({ [LIST]: patched("v2.5.1") }, tree))).toBe("unsafe | instance-harms");
    expect(inShort(verifyEdits({ [LIST]: patched("v2.6.4") }, { ...tree, [LIST]: patched("v2.5.1") }))).toBe("safe");
    const ranged = { [FLUX]: tree[FLUX]!.replace("tag: v2.6.4", "semver: 2.5.x") };
    expect(inShort(verifyEdits(ranged, tree))).toBe("unsafe | instance-harms");
  });

  test("by the second source of a file whose first stays", () => {
    const tree = homeTree();
    const second = tree[FLUX]!.split(/^---\n/m).find((text) => text.includes("kind: OCIRepository"))!;
    const both = (version: string) =>
      `${second.replace(/name: [\w-]+/, "name: first")}---\n${tree[FLUX]!.replace("v2.6.4", `v${version}`)}`;
    const said = verifyEdits({ [FLUX]: both("2.5.1") }, { ...tree, [FLUX]: both("2.6.4") });
    expect(inShort(said)).toBe("unsafe | instance-harms");
  });

  test("beside a FluxInstance, where nothing judges it, what is in the artifact is unknown", () => {
    const tree = operatorTree();
    const listed = {
      ...tree,
      [FLUX]: homeTree()[FLUX]!,
      [LIST]: tree[LIST]!.replace("  - instance.yaml", "  - flux.yaml\n  - instance.yaml"),
    };
    const said = verifyEdits({ [FLUX]: listed[FLUX]!.replace("v2.6.4", "v2.5.1") }, listed);
    expect(said.verdict).toBe("unproven");
  });

  test("by a FluxInstance: its operator does not go below what it applied, nor below a minor where all is stored alike", () => {
    const tree = operatorTree();
    const says = (from: string, to: string) => {
      const versioned = (version: string) => tree[INSTANCE]!.replace("2.6.x", version);
      return inShort(verifyEdits({ [INSTANCE]: versioned(to) }, { ...tree, [INSTANCE]: versioned(from) }));
    };
    expect(says("2.6.x", "2.5.x")).toBe("unsafe | instance-refused");
    expect(says("2.8.x", "2.7.x")).toBe("unsafe | instance-refused");
    expect(says("2.6.4", "2.6.1")).toBe("safe");
  });

  test("by a first FluxInstance, which nothing keeps from it", () => {
    const tree = homeTree();
    const instance = operatorTree()[INSTANCE]!;
    const says = (version: string, parts: RegExp | string = "") =>
      verifyEdits(
        {
          [INSTANCE]: instance
            .replace(parts, parts && "components: []")
            .replace("2.6.x", version)
            .replace("sync: {", "sync: {name: home, "),
          [LIST]: tree[LIST]!.replace("  - flux.yaml", "  - flux.yaml\n  - instance.yaml"),
        },
        tree,
      ).findings.map(({ rule, what }) => `${rule}: ${what}`);
    const goes =
      /^instance-harms: Flux goes back from 2.6.4 to 2.5.1, and the API server refuses its definition of OCI/;
    expect(says("2.5.1")).toContainEqual(expect.stringMatching(goes));
    // An empty list means the default.
    expect(says("2.5.1", /components: .*/)).toContainEqual(expect.stringMatching(goes));
    expect(says("2.6.x")).not.toContainEqual(expect.stringMatching(/goes back/));
  });
});
