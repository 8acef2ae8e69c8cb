import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { said } from "./instance-said.ts";

describe("another cluster, and another owner", () => {
  const APP = "kubernetes/apps/media/player/app";
  const file = `${APP}/helmrelease.yaml`;

  test("a release that moves by kubeConfig leaves what it installed behind", () => {
    const { verdict, texts } = said(homeTree(), {
      [file]: release("player", ["kubeConfig: {secretRef: {name: edge}}"]),
    });
    expect(verdict).toBe("unproven");
    expect(texts).toContain("is installed into another cluster afterwards");
    const remote = { ...homeTree(), [file]: release("player", ["kubeConfig: {secretRef: {name: edge}}"]) };
    expect(
      said(remote, { [file]: release("player", ["kubeConfig: {secretRef: {name: edge}}", "values: {a: 1}"]) }).verdict,
    ).toBe("safe");
  });

  const copy = (...spec: string[]): Edits => ({
    "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml", "player/ks.yaml", "copy/ks.yaml"]),
    "kubernetes/apps/media/copy/ks.yaml": ks("copy", APP, spec),
  });

  test("a copied ks.yaml becomes a second owner, and is said once", () => {
    const { findings, blockers, safety } = judge(homeTree(), copy("targetNamespace: media"));
    expect([safety.verdict, blockers]).toEqual(["unsafe", ["second-owner"]]);
    expect(findings.filter(({ rule }) => rule === "second-owner")).toHaveLength(1);
    expect(findings.find(({ rule }) => rule === "second-owner")!.what).toContain(
      "Kustomization flux-system/copy applies HelmRelease media/player and 1 more as well",
    );
    expect(findings.find(({ rule }) => rule === "second-owner")!.others).toHaveLength(1);
  });

  test("one that does not build today is no new owner of what it applied when it did", () => {
    const own = "kubernetes/apps/media/copy/app";
    const list = `${own}/kustomization.yaml`;
    const both = (entries: string[]) => ({
      ...homeTree(),
      ...copy(),
      "kubernetes/apps/media/copy/ks.yaml": ks("copy", own, ["targetNamespace: media"]),
      [list]: kustomization(entries),
      [`${own}/more.yaml`]: object("ConfigMap", "more"),
    });
    const mended = { [list]: kustomization(["../../player/app", "more.yaml"]) };
    const { verdict, texts } = said(both(["../../player/app", "gone.yaml"]) as Files, mended);
    expect([verdict, texts]).toEqual(["unproven", expect.stringContaining("does not build today")]);
    expect(said(both(["more.yaml", "gone.yaml"]) as Files, mended).texts).toContain("applies HelmRelease media/player");
  });

  test("one whose path leads nowhere today is a new owner of what another folder holds", () => {
    const edit = copy("targetNamespace: media");
    const lost = Object.entries(edit).map(([name, text]) => [name, text?.replace(APP, "kubernetes/apps/media/coppy")]);
    const { texts } = said({ ...homeTree(), ...Object.fromEntries(lost) }, edit);
    expect(texts).toContain("applies HelmRelease media/player");
  });

  test("what comes into a folder that both apply already is shared as the rest of it is", () => {
    const both = { ...homeTree(), ...copy("targetNamespace: media") } as Files;
    const store = object("PersistentVolumeClaim", "store");
    const added = {
      [`${APP}/store.yaml`]: store,
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "store.yaml"]),
    };
    expect(judge(both, added).safety.verdict).toBe("safe");
    // From another folder it is the first that both apply.
    const away = {
      "kubernetes/apps/media/store/pvc.yaml": store,
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "../../store/pvc.yaml"]),
    };
    expect(judge(both, away).blockers).not.toEqual([]);
    // So it is where the other one applies a copy of the folder from now on.
    const own = "kubernetes/apps/media/copy/app";
    const moved = Object.keys({ ...added, [file]: "", [`${APP}/pvc.yaml`]: "" }).map((path) => [
      path.replace(APP, own),
      { ...both, ...added }[path],
    ]);
    const ksOfCopy = { "kubernetes/apps/media/copy/ks.yaml": ks("copy", own, ["targetNamespace: media"]) };
    expect(judge(both, { ...added, ...Object.fromEntries(moved), ...ksOfCopy }).blockers).toEqual(["second-owner"]);
  });

  test.each([
    ["in another namespace", ["targetNamespace: games"]],
    ["under another name", ["targetNamespace: media", "namePrefix: copy-"]],
    ["that is suspended", ["targetNamespace: media", "suspend: true"]],
  ])("a copy %s is none", (_, spec) => {
    expect(judge(homeTree(), copy(...spec)).blockers).not.toContain("second-owner");
  });

  test("targetNamespace gives a Namespace of the folder the name of one that something else applies", () => {
    const own = "kubernetes/apps/media/copy/app";
    const namespace = (name: string, more: string[] = []) => ({
      ...copy(),
      "kubernetes/apps/media/copy/ks.yaml": ks("copy", own, ["targetNamespace: media"]),
      [`${own}/namespace.yaml`]: object("Namespace", name, "v1", more),
    });
    const { findings, blockers } = judge(homeTree(), namespace("copy"));
    expect(blockers).toEqual(["second-owner"]);
    expect(findings.find(({ rule }) => rule === "second-owner")!.what).toBe(
      "Kustomization flux-system/copy applies Namespace media as well, which Kustomization flux-system/cluster-apps goes on applying.",
    );
    // Its document says that it is meant, or nothing ever deletes it.
    expect(judge(homeTree(), namespace("media")).blockers).toEqual([]);
    const kept = "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
    const marked = {
      ...homeTree(),
      "kubernetes/apps/media/namespace.yaml": object("Namespace", "media", "v1", [kept]),
    };
    expect(judge(marked, namespace("copy", [kept])).blockers).toEqual([]);
  });

  test("a Namespace and a ConfigMap that two apps bring along are shared on purpose", () => {
    const shared = `${object("Namespace", "media")}${object("ConfigMap", "ca", "v1", ["  namespace: media"])}`;
    const chess = "kubernetes/apps/games/chess/app";
    const tree = {
      ...homeTree(),
      [`${APP}/shared.yaml`]: shared,
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "shared.yaml"]),
      "kubernetes/apps/games/chess/ks.yaml": ks("chess", chess),
      [`${chess}/helmrelease.yaml`]: release("chess").replace("name: chess", "name: chess\n  namespace: games"),
    };
    const edits = {
      [`${chess}/shared.yaml`]: shared,
      [`${chess}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "shared.yaml"]),
    };
    expect(judge(tree, edits).blockers).toEqual([]);
  });
});
