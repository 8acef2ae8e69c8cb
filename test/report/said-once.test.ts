import { expect, test } from "vitest";
import type { Finding } from "../../src/contract/finding.ts";
import { renderVerify } from "../../src/report/verify.ts";
import { sayVerify } from "../../src/report/verify-headline.ts";
import type { VerifyReport } from "../../src/safety/verify.ts";
import { verifyEdits } from "../verify/edited.ts";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../verify/home-tree.ts";
import type { Edits, Files } from "../verify/judge.ts";

const APP = "kubernetes/apps/media/player/app";
const LIST = `${APP}/kustomization.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";

const say = (report: VerifyReport, format = "text") =>
  String(renderVerify(report, format, { color: false, width: 400 } as never));
const count = (text: string, part: string) => text.split(part).length - 1;
const verify = (edits: Edits, tree: Files = homeTree()) => verifyEdits(edits, tree);

test("an object that is deleted on purpose and holds nothing is named in the list, and in no note", () => {
  const map = object("ConfigMap", "map", "v1", ["data: {a: b}"]);
  const tree = {
    ...homeTree(),
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "map.yaml"]),
    [`${APP}/map.yaml`]: map,
  };
  const report = verify({ [LIST]: homeTree()[LIST], [`${APP}/map.yaml`]: undefined }, tree);
  expect(report.verdict).toBe("deletes");
  expect(report.findings.map(({ rule }: Finding) => rule)).toContain("will-be-deleted");
  expect(say(report)).toContain("- ConfigMap media/map is deleted");
  expect(say(report)).not.toContain("note");
  expect(say(report, "markdown")).not.toContain("<summary>1 note");
});

test("what cannot be known is said once, with what to do about it", () => {
  const from = "valuesFrom: [{kind: Secret, name: by-hand}]";
  const report = verify({ [`${APP}/helmrelease.yaml`]: release("player", [from]) });
  expect(report.verdict).toBe("unproven");
  const text = say(report);
  expect(count(text, "nothing relied on before")).toBe(1);
  expect(text).toContain("next  Look with kubectl get secret by-hand -n media");
  expect(count(say(report, "markdown"), "nothing relied on before")).toBe(1);
});

test("nothing is called unchanged where what is touched cannot be read", () => {
  const broken = (...more: string[]) => kustomization(["helmrelease.yaml", "missing.yaml", ...more]);
  const report = verify({ [LIST]: broken() }, { ...homeTree(), [LIST]: broken("pvc.yaml") });
  expect(report.verdict).toBe("unproven");
  expect(say(report)).toContain("nothing that can be read here changes");
});

test("the Namespace that the operator owned all along is no news", () => {
  const space: Files = { ...operatorTree(), "kubernetes/apps/home.yaml": object("Namespace", "flux-system") };
  const report = verify(
    { [PLAYER]: `# touched\n${space[PLAYER]}`, "kubernetes/apps/more.yaml": object("Namespace", "more") },
    space,
  );
  expect(report.clusters[0]!.safety.outcomes.adopted?.count).toBe(1);
  expect(say(report)).not.toContain("owned by the operator");
  expect(say(report, "markdown")).not.toContain("owned by the operator");
});

test("a line about charts begins with the release", () => {
  const report = verify({ [`${APP}/helmrelease.yaml`]: release("player", ["values: {tag: 2}"]) });
  expect(report.verdict).toBe("safe");
  expect(report.findings.map(({ what }) => what)).toEqual([
    "HelmRelease media/player: other values, another version or another address of a chart that lies elsewhere; what it renders is not looked at.",
  ]);
});

test("a Kustomization that deletes what it applies again is said to do so because its files and its spec come apart", () => {
  const part = "kubernetes/parts/claim";
  const tree: Files = {
    ...homeTree(),
    [`${part}/kustomization.yaml`]:
      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pvc.yaml]\n",
    [`${part}/pvc.yaml`]: object("PersistentVolumeClaim", "player"),
  };
  const report = verify(
    {
      [PLAYER]: ks("player", APP, ["targetNamespace: media", "components: [../../../../parts/claim]"]),
      [LIST]: kustomization(["helmrelease.yaml"]),
      [`${APP}/pvc.yaml`]: undefined,
    },
    tree,
  );
  expect(report.verdict).toBe("unsafe");
  expect(report.findings.map(({ what }) => what).join()).toContain(
    "the new files and the new spec of Kustomization flux-system/player arrive one after the other",
  );
});

test("a cluster that comes with the change is not also called missing before", () => {
  const { "kubernetes/flux/config/cluster.yaml": start, ...rest } = homeTree();
  const before = Object.fromEntries(Object.entries(rest).filter(([path]) => !path.startsWith("kubernetes/flux/")));
  const edits = Object.fromEntries(Object.entries(rest).filter(([path]) => path.startsWith("kubernetes/flux/")));
  const report = verify({ ...edits, "kubernetes/flux/config/cluster.yaml": start }, before);
  expect(report.findings.map(({ rule }) => rule)).toEqual(["cluster-starts"]);
  expect(report.verdict).toBe("safe");
});

test("a backup of Velero that goes from the cluster stays in its storage", () => {
  const made = (name: string) => object("Backup", name, "velero.io/v1", ["spec: {storageLocation: a}"]);
  const tree = {
    ...homeTree(),
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "b.yaml"]),
    [`${APP}/b.yaml`]: made("one"),
  };
  expect(verify({ [`${APP}/b.yaml`]: made("two") }, tree).verdict).toBe("deletes");
});

test("a comment under a pull request has no table without rows, and no map where everything stays with its owner", () => {
  const quiet = say(verify({ "README.md": "Hello\n" }), "markdown");
  expect(quiet).toContain("Nothing goes");
  expect(quiet).not.toContain("| Outcome |");
  const bump = { [`${APP}/helmrelease.yaml`]: release("player", ["values: {tag: 2}"]) };
  expect(say(verify(bump), "markdown")).toContain("| kept |");
  expect(say(verify(bump), "markdown")).not.toContain("Who owns what");
  const more = {
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "map.yaml"]),
    [`${APP}/map.yaml`]: object("ConfigMap", "map"),
  };
  expect(say(verify(more), "markdown")).toContain("Who owns what");
});

test("what goes by one name in several clusters is counted as often as it is named", () => {
  const gone = (...resources: string[]) => ({
    safety: { dangers: resources.map((resource) => ({ resource })), unknown: [] },
  });
  const clusters = [gone("Kustomization flux-system/flux", "ConfigMap a/b"), gone("Kustomization flux-system/flux")];
  const report = { verdict: "deletes", clusters, findings: [] } as unknown as VerifyReport;
  expect(sayVerify(report)).toBe(
    "3 objects go: Kustomization flux-system/flux in 2 clusters, ConfigMap a/b; each taken out by this change",
  );
});

test("what is open twice of one object is not in two clusters for that", () => {
  const open = { resources: ["ExternalSecret a/b"], acceptedBy: { how: "flag" } };
  const clusters = [{ safety: { dangers: [], unknown: [open, open] } }];
  const said = sayVerify({ verdict: "deletes", clusters, findings: [] } as unknown as VerifyReport);
  expect(said).toMatch(/^nothing known goes: ExternalSecret a\/b; 2 accepted/);
});
