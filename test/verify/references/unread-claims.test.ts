import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { PLAYER, PLAYER_APP } from "./tree.ts";

const h = homeTree();
const [LIST, USER, OTHER] = ["kustomization", "user", "other"].map((name) => `${PLAYER_APP}/${name}.yaml`) as [
  string,
  string,
  string,
];
const cautions = (tree: Files, edits: Edits) => {
  const { findings, safety } = judge(tree, edits);
  const said = findings.flatMap(({ level, rule, resource }) => (level === "caution" ? [`${rule} ${resource}`] : []));
  return [safety.verdict, ...said].join(" | ");
};

describe("a claim that stays and that nothing mounts any more", () => {
  const pod = (volume: string, name = "web") =>
    object("Deployment", name, "apps/v1", [
      `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {volumes: [{name: v, ${volume}}], containers: [{name: a, image: b}]}}}`,
    ]);
  const mounting = pod("persistentVolumeClaim: {claimName: player}");
  const chart = (claim: string) => release("web", [`values: {persistence: {data: {${claim}}}}`]);
  const backup = object("ReplicationSource", "player", "volsync.backube/v1alpha1", ["spec: {sourcePVC: player}"]);
  const tree = (user: string, other = object("ConfigMap", "other")): Files => ({
    ...h,
    [LIST]: kustomization(["pvc.yaml", "user.yaml", "other.yaml"]),
    [USER]: user,
    [OTHER]: other,
  });

  test.each([
    ["the pods", mounting, pod("emptyDir: {}"), "Deployment"],
    ["the values", chart("existingClaim: player"), chart("type: emptyDir"), "HelmRelease"],
    ["another claim", chart("existingClaim: player"), chart("existingClaim: two"), "HelmRelease"],
  ])("is said: %s", (_what, before, after, kind) => {
    const said = `claim-unread ${kind} media/web`;
    expect(cautions(tree(before), { [USER]: after })).toContain(said);
    expect(cautions(tree(before, backup), { [USER]: after })).toContain(said);
    expect(cautions(tree(after), { [USER]: `${after}# more\n` })).not.toContain("claim-unread");
  });

  test("is mounted as before where the release says its own name", () => {
    const claim = object("PersistentVolumeClaim", "web");
    const before = tree(chart("existingClaim: web"), claim);
    expect(cautions(before, { [USER]: chart('existingClaim: "{{ .Release.Name }}"') })).toBe("safe");
    expect(cautions(before, { [USER]: chart('existingClaim: "{{ .Release.Name }}-2"') })).toContain("claim-unread");
  });

  test.each<[string, Edits]>([
    ["something else mounts it", { [USER]: pod("emptyDir: {}"), [OTHER]: mounting.replace("name: web", "name: two") }],
    ["what mounted it goes", { [LIST]: kustomization(["pvc.yaml", "other.yaml"]), [USER]: undefined }],
    ["it goes as well", { [USER]: pod("emptyDir: {}"), [LIST]: kustomization(["user.yaml", "other.yaml"]) }],
    ["another image", { [USER]: mounting.replace("image: b", "image: c") }],
  ])("is no matter where %s", (_what, edits) => {
    expect(cautions(tree(mounting), edits)).not.toContain("claim-unread");
  });
});

describe("a variable that gets an empty value", () => {
  const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
  const own = (value: string) => ({
    [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media", `postBuild: {substitute: {HOST: ${value}}}`]),
  });
  const use = (text: string) => release("player", [`values: {host: '${text}'}`]);
  const HELM = `${PLAYER_APP}/helmrelease.yaml`;

  test("is said where a file uses it without a default", () => {
    const tree = (text: string) => ({ ...h, ...own("a.example"), [HELM]: use(text) });
    expect(cautions(tree("${HOST}"), own("''"))).toBe("safe | variable-emptied Kustomization flux-system/player");
    expect(cautions(tree("${HOST}"), own("b.example"))).toBe("safe");
    expect(cautions(tree("${HOST:=a}"), own("''"))).toBe("safe");
    expect(cautions(tree("a"), own("''"))).toBe("safe");
  });

  test("is said of a ConfigMap that values come from", () => {
    const from = ks("player", PLAYER_APP, ["postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}"]);
    const tree = { ...h, [PLAYER]: from.replace("spec:", "spec:\n  targetNamespace: media") };
    const emptied = { [SETTINGS]: h[SETTINGS]!.replace("example.invalid", "''") };
    expect(cautions(tree, emptied)).toContain("variable-emptied Kustomization flux-system/player");
  });
});

describe("a release whose own values go while values from elsewhere stay", () => {
  const HELM = `${PLAYER_APP}/helmrelease.yaml`;
  const FROM = "valuesFrom: [{kind: ConfigMap, name: values}]";
  const values = (text: string) => object("ConfigMap", "values", "v1", [`data: {values.yaml: '${text}'}`]);
  const tree: Files = {
    ...h,
    [LIST]: kustomization(["pvc.yaml", "helmrelease.yaml", "other.yaml"]),
    [HELM]: release("player", [FROM, "values: {host: a}"]),
    [OTHER]: values("port: 1"),
  };
  const bare = release("player", [FROM]);

  test("is said unless they move there", () => {
    expect(cautions(tree, { [HELM]: bare })).toBe("safe | values-emptied HelmRelease media/player");
    expect(cautions(tree, { [HELM]: bare, [OTHER]: values("host: a") })).toBe("safe");
  });
});

test("a StatefulSet whose claims go with it from now on", () => {
  const set = (policy: string) =>
    object("StatefulSet", "db", "apps/v1", [
      `spec: {serviceName: db, ${policy}selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}`,
    ]);
  const tree = { ...h, [LIST]: kustomization(["user.yaml", "helmrelease.yaml", "pvc.yaml"]), [USER]: set("") };
  const goes = set("persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}, ");
  expect(cautions(tree, { [USER]: goes })).toBe("safe | reclaim-deletes StatefulSet media/db");
  expect(cautions({ ...tree, [USER]: goes }, { [USER]: set("") })).toBe("safe");
});

describe("another folder of what holds the data", () => {
  const pod = (volume: string, mount = "") =>
    object("Deployment", "web", "apps/v1", [
      `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {volumes: [{name: v, ${volume}}], containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /data${mount}}]}]}}}`,
    ]);
  const chart = (entry: string) => release("web", [`values: {persistence: {data: {${entry}}}}`]);
  const claim = "persistentVolumeClaim: {claimName: player}";
  const host = (path: string) => `hostPath: {path: ${path}}`;
  const mounts = (sub: string) => `existingClaim: player, globalMounts: [{path: /data${sub}}]`;
  const tree = (user: string): Files => ({ ...h, [LIST]: kustomization(["pvc.yaml", "user.yaml"]), [USER]: user });
  const [ONE, TWO] = [", subPath: one", ", subPath: two"];
  const nested = (sub: string) => `existingClaim: player, advancedMounts: {main: {app: [{path: /data${sub}}]}}`;

  test.each([
    ["of a claim", pod(claim, ONE), pod(claim, TWO), "two instead of one"],
    ["the top of a claim", pod(claim), pod(claim, TWO), "two instead of its top"],
    ["of a node", pod(host("/srv/one")), pod(host("/srv/two/")), "/srv/two instead of /srv/one"],
    ["of a server", pod("nfs: {server: a, path: /x}"), pod("nfs: {server: a, path: /y}"), "the server a at /data"],
    ["of a claim, in values", chart(mounts(ONE)), chart(mounts(TWO)), "PersistentVolumeClaim media/player at /data"],
    ["for one container, in values", chart(nested(ONE)), chart(nested(TWO)), "two instead of one"],
    [
      "of a node, in values",
      chart("type: hostPath, hostPath: /srv/one"),
      chart("type: hostPath, hostPath: /srv/two"),
      "its node (persistence.data)",
    ],
    [
      "of a server, in values",
      chart("type: nfs, server: a, path: /x"),
      chart("type: nfs, server: a, path: /y"),
      "/y instead of /x",
    ],
  ])("is said: %s", (_what, before, after, words) => {
    const { findings, safety } = judge(tree(before), { [USER]: after });
    expect(safety.verdict).toBe("safe");
    expect(findings.filter(({ rule }) => rule === "claim-unread").map(({ what }) => what)).toEqual([
      expect.stringContaining(words),
    ]);
  });

  test.each([
    ["the same in other words", pod(host("/srv/one")), pod(host("/srv/one/"))],
    ["a device", pod(host("/dev/ttyUSB0")), pod(host("/dev/ttyACM0"))],
    ["a variable", pod(host("/srv/one")), pod(host("/srv/${WHERE}"))],
    ["another server", pod("nfs: {server: a, path: /x}"), pod("nfs: {server: b, path: /y}")],
    ["no data", pod("emptyDir: {}", ONE), pod("emptyDir: {}", TWO)],
    ["what is off", chart("type: hostPath, hostPath: /a"), chart("type: hostPath, enabled: false, hostPath: /b")],
    [
      "the old one elsewhere",
      pod(claim, ONE),
      pod(claim, TWO).replace("volumeMounts: [", "volumeMounts: [{name: v, mountPath: /old, subPath: one}, "),
    ],
  ])("is not said: %s", (_what, before, after) => {
    expect(cautions(tree(before), { [USER]: after })).not.toContain("claim-unread");
  });
});
