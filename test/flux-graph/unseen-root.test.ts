import { describe, expect, it } from "vitest";
import { fluxKustomization, makeFluxSystem, makeSync } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

const list = (...files: string[]) => `resources:\n${files.map((file) => `- ${file}\n`).join("")}`;

/** Install and source in `clusters/home/flux-system`, listed together with one FluxKustomization that builds another folder. */
function withoutRoot(extra: Record<string, string> = {}): Record<string, string> {
  const { "clusters/home/flux-system/gotk-sync.yaml": sync = makeSync("clusters/home"), ...rest } =
    makeFluxSystem("clusters/home");
  return {
    ...rest,
    "clusters/home/flux-system/gotk-sync.yaml": sync.split("---\n").slice(0, 2).join("---\n"),
    "clusters/home/kustomization.yaml": list("flux-system", "apps.yaml"),
    "clusters/home/apps.yaml": fluxKustomization("apps", "./apps"),
    "apps/kustomization.yaml": list("a.yaml"),
    "apps/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: default\n",
    ...extra,
  };
}

function ambiguous(files: Record<string, string>): string[] {
  const found = runPhase(files, "install").findings.filter(({ rule }) => rule === "root-ambiguous");
  return found.map(({ level, at }) => `${level} ${at?.file}`);
}

describe("a root that is not in Git", () => {
  it("is not replaced by the one child that is", () => {
    expect(ambiguous(withoutRoot())).toEqual(["blocker clusters/home/apps.yaml"]);
  });

  it("is none where a script or a page has a person apply what lies there", () => {
    expect(ambiguous(withoutRoot({ "README.md": "    kubectl apply -k clusters/home\n" }))).toEqual([]);
    expect(ambiguous(withoutRoot({ "up.sh": 'kubectl apply -f "$DIR/apps.yaml"\n' }))).toEqual([]);
    expect(ambiguous(withoutRoot({ "README.md": "    kubectl apply -k clusters/other\n" }))).not.toEqual([]);
  });
});
