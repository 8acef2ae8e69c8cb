import { describe, expect, it } from "vitest";
import { blockers, CLUSTER, type Files, FLUX, fluxKustomization, homeOps, list, run } from "../traps/support.ts";

const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\n`;

/** Source, install and FluxKustomizations in one folder that none of them builds. */
function byHand(...kustomizations: string[]): Files {
  const source = homeOps()[CLUSTER]!.split("---\n").slice(0, 2).join("---\n");
  return {
    "clusters/tiny/cluster.yaml": source + kustomizations.join(""),
    "clusters/tiny/flux.yaml": homeOps()[FLUX]!,
    "apps/one/kustomization.yaml": list("./a.yaml"),
    "apps/one/a.yaml": configMap("a"),
    "apps/two/kustomization.yaml": list("./b.yaml", "./ks.yaml"),
    "apps/two/b.yaml": configMap("b"),
    "apps/two/ks.yaml": fluxKustomization("below", "below"),
    "below/c.yaml": configMap("c"),
    "apps/three/d.yaml": configMap("d"),
  };
}

const one = fluxKustomization("one", "apps/one");
const two = fluxKustomization("two", "apps/two");
const three = fluxKustomization("three", "apps/three");

describe("FluxKustomizations that only somebody's hand applies", () => {
  it("leave no root to choose where none of them delivers another one", () => {
    const result = run(byHand(one, three));
    expect(blockers(result)).toEqual(["root-ambiguous clusters/tiny/cluster.yaml"]);
    expect(result.findings.find(({ rule }) => rule === "root-ambiguous")?.what).toMatch(/one \(.*, three \(/);
  });

  it("leave none to say, either", () => {
    const rootOf = (files: Record<string, string>) => run(files).cluster.detected.root;
    expect(rootOf(byHand(one, three))).toBeUndefined();
    expect(rootOf(byHand(one))).toMatchObject({ name: "one", path: "./apps/one" });
  });

  it("are joined by one more in their folder, as the advice says", () => {
    const files = byHand(one, three);
    const said = run(files).findings.find(({ rule }) => rule === "root-ambiguous")?.next;
    expect(said).toContain("have a FluxKustomization in clusters/tiny that builds clusters/tiny deliver them all");
    expect(said).toContain("apply it once by hand");
    const joined = { ...files, "clusters/tiny/root.yaml": fluxKustomization("root", "clusters/tiny") };
    expect(blockers(run(joined))).toEqual([]);
  });

  it("have a root where one of them delivers others, or where there is only one", () => {
    expect(blockers(run(byHand(two, three)))).toEqual([]);
    expect(blockers(run(byHand(one)))).toEqual([]);
  });

  it("may all lie below one whose path a template fills in", () => {
    const hidden = fluxKustomization("cluster", "X").replace("./X", '"./{{ args.folder }}/flux"');
    expect(blockers(run(byHand(hidden, two)))).toEqual(["root-ambiguous clusters/tiny/cluster.yaml"]);
  });
});
