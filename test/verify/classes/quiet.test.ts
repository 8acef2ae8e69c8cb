import { describe, expect, test } from "vitest";
import type { SaidFinding } from "../../../src/contract/finding.ts";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const APPS = "kubernetes/apps";
const APP = `${APPS}/media/player/app`;
const PLAYER = `${APPS}/media/player/ks.yaml`;
const LISTING = `${APP}/kustomization.yaml`;
const SECRET = "kubernetes/flux/vars/settings.sops.yaml";
const COMPONENT = "components: [../../../../components/volsync]";
const values = (more = "") =>
  `postBuild: {substitute: {APP: player${more}}, substituteFrom: [{kind: Secret, name: settings}]}`;
const player = (...spec: string[]) => ks("player", APP, ["targetNamespace: media", ...spec]);

/** Apps with a claim that is called by a variable with a default, as in many home clusters. */
const tree: Files = {
  ...homeTree(),
  "kubernetes/components/volsync/kustomization.yaml":
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pvc.yaml]\n",
  "kubernetes/components/volsync/pvc.yaml": object("PersistentVolumeClaim", "${VOLSYNC_CLAIM:-${APP}}", "v1", [
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: '${VOLSYNC_CAPACITY:-5Gi}'}}}",
  ]),
  [PLAYER]: player(COMPONENT, values()),
  [`${APPS}/games/chess/ks.yaml`]: ks("chess", `${APPS}/games/chess/app`, [
    "targetNamespace: media",
    COMPONENT,
    values().replace("player", "chess"),
  ]),
  [LISTING]: kustomization(["helmrelease.yaml"]),
};
delete tree[`${APP}/pvc.yaml`];

/** Without the one line about charts that lie elsewhere, which is said wherever their values or versions change. */
const worded = (findings: readonly SaidFinding[]) => findings.filter(({ rule }) => rule !== "chart-unread");

describe("an app whose claim is called by a variable with a default", () => {
  test.each<[string, Files, Edits]>([
    ["gets another version", tree, { [`${APP}/helmrelease.yaml`]: release("player", ["values: {tag: 2}"]) }],
    ["asks for more room", tree, { [PLAYER]: player(COMPONENT, values(", VOLSYNC_CAPACITY: 10Gi")) }],
    [
      "says the name of its claim, which is the same",
      tree,
      { [PLAYER]: player(COMPONENT, values(", VOLSYNC_CLAIM: player")) },
    ],
    [
      "writes its claim out",
      tree,
      {
        [PLAYER]: player(values()),
        [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
        [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "player", "v1", [
          "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}",
        ]),
      },
    ],
    ["gets such a claim", { ...tree, [PLAYER]: player(values()) }, { [PLAYER]: player(COMPONENT, values()) }],
    [
      "is deployed beside others",
      tree,
      {
        [`${APPS}/games/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml"]),
        [`${APPS}/games/go/ks.yaml`]: ks("go", `${APPS}/games/chess/app`, [
          "targetNamespace: media",
          COMPONENT,
          values().replace("player", "go"),
          "namePrefix: go-",
        ]),
      },
    ],
    ["takes values from a Secret whose other keys change", tree, { [SECRET]: tree[SECRET]!.replace("AA==", "BB==") }],
    [
      "takes values from a Secret that gets a key",
      tree,
      { [SECRET]: tree[SECRET]!.replace("stringData: {", "stringData: {OTHER: 'ENC[x]', ") },
    ],
  ])("stays quiet when it %s", (_, before, edits) => {
    const { safety, findings } = judge(before, edits);
    expect([safety.verdict, worded(findings)]).toEqual(["safe", []]);
  });

  test("goes with its own claim, and with no other one", () => {
    const edits = { [PLAYER]: undefined, [`${APPS}/media/kustomization.yaml`]: kustomization(["namespace.yaml"]) };
    const { safety } = judge({ ...tree, [`${APPS}/games/chess/ks.yaml`]: tree[`${APPS}/games/chess/ks.yaml`]! }, edits);
    expect(safety.dangers.map(({ resource }) => resource)).toEqual([
      "PersistentVolumeClaim media/player",
      "HelmRelease media/player",
      "Kustomization flux-system/player",
    ]);
    expect(safety.unknown).toEqual([]);
  });

  test("is unproven only where a Secret begins to set that very key", () => {
    const { safety } = judge(tree, {
      [SECRET]: tree[SECRET]!.replace("stringData: {", "stringData: {VOLSYNC_CLAIM: 'ENC[x]', "),
    });
    expect(safety.verdict).toBe("unproven");
  });

  test("is unproven where the values come from what cannot be seen", () => {
    const hidden = { ...tree, [PLAYER]: player(COMPONENT, values().replace("name: settings", "name: made-elsewhere")) };
    const { safety } = judge(hidden, {
      [PLAYER]: player(COMPONENT, values(", VOLSYNC_CLAIM: player").replace("name: settings", "name: made-elsewhere")),
    });
    expect(safety.verdict).toBe("unproven");
  });

  test("that gets another claim loses the old one", () => {
    const { safety, wanted } = judge(tree, { [PLAYER]: player(COMPONENT, values(", VOLSYNC_CLAIM: other")) });
    expect([safety.verdict, wanted]).toEqual(["unsafe", ["deleted PersistentVolumeClaim media/player"]]);
  });
});

describe("what changes every day", () => {
  const home = homeTree();
  const generated = (text: string) =>
    `${kustomization(["helmrelease.yaml", "pvc.yaml"])}configMapGenerator: [{name: config, literals: [a=${text}]}]\n`;
  test.each<[string, Files, Edits]>([
    ["a README", home, { "README.md": "Hello\n" }],
    ["a comment in a list", home, { [LISTING]: `${home[LISTING]}# later\n` }],
    ["the order of a list", home, { [LISTING]: kustomization(["pvc.yaml", "helmrelease.yaml"]) }],
    ["./ before a name", home, { [LISTING]: kustomization(["./helmrelease.yaml", "./pvc.yaml"]) }],
    ["an interval", home, { [PLAYER]: player("retryInterval: 1m").replace("interval: 30m", "interval: 1h") }],
    ["a wait", home, { [PLAYER]: player("wait: true", "timeout: 5m") }],
    ["a label for all", home, { [PLAYER]: player("commonMetadata: {labels: {team: home}}") }],
    [
      "an app more",
      home,
      {
        [`${APPS}/games/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml"]),
        [`${APPS}/games/go/ks.yaml`]: ks("go", `${APPS}/games/go/app`, ["targetNamespace: games"]),
        [`${APPS}/games/go/app/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
        [`${APPS}/games/go/app/helmrelease.yaml`]: release("go"),
      },
    ],
    [
      "a claim that grows",
      {
        ...home,
        [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "player", "v1", [
          "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
        ]),
      },
      {
        [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "player", "v1", [
          "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}",
        ]),
      },
    ],
    [
      "a file with another name",
      home,
      {
        [`${APP}/pvc.yaml`]: undefined,
        [`${APP}/claim.yaml`]: home[`${APP}/pvc.yaml`],
        [LISTING]: kustomization(["helmrelease.yaml", "claim.yaml"]),
      },
    ],
    [
      "a folder with another name",
      home,
      {
        [`${APP}/pvc.yaml`]: undefined,
        [`${APP}/data/pvc.yaml`]: home[`${APP}/pvc.yaml`],
        [`${APP}/data/kustomization.yaml`]: kustomization(["pvc.yaml"]),
        [LISTING]: kustomization(["helmrelease.yaml", "data"]),
      },
    ],
    [
      "a setting of the release",
      home,
      { [`${APP}/helmrelease.yaml`]: release("player", ["values: {a: 2}", "upgrade: {remediation: {retries: 3}}"]) },
    ],
  ])("stays quiet: %s", (_, before, edits) => {
    const { safety, findings } = judge(before, edits);
    expect([safety.verdict, worded(findings)]).toEqual(["safe", []]);
  });

  test("a ConfigMap whose hash changes is replaced, and nothing to stop for", () => {
    const { safety, findings } = judge({ ...home, [LISTING]: generated("1") }, { [LISTING]: generated("2") });
    expect([safety.verdict, findings, safety.dangers]).toEqual(["safe", [], []]);
    const plain = `${generated("1")}generatorOptions: {disableNameSuffixHash: true}\n`;
    const moves = (from: string, to: string, more: Files = {}) =>
      judge({ ...home, ...more, [LISTING]: from }, { [LISTING]: to });
    expect(moves(generated("1"), plain).safety.verdict).toBe("safe");
    // Nothing here is rewritten, and what takes it elsewhere knows the name that it had.
    expect(moves(plain, generated("1")).meant).toEqual(["deleted ConfigMap media/config"]);
    const boards = Array.from({ length: 12 }, (_, one) => `{name: board-${one}, literals: [a=1]}`).join(", ");
    const many = plain.replace("configMapGenerator: [", `configMapGenerator: [${boards}, `);
    const hashed = many.replace(/generatorOptions.*\n/, "");
    const of = moves(many, hashed);
    expect([of.meant.length, of.wanted, of.safety.verdict]).toEqual([13, [], "deletes"]);
    const pod = ["spec:", "  containers: [{name: app, image: app, envFrom: [{configMapRef: {name: config}}]}]"];
    const job = { [`${APP}/pod.yaml`]: object("Pod", "taker", "v1", pod) };
    const taken = (text: string) => text.replace("resources:\n", "resources:\n  - pod.yaml\n");
    expect(moves(taken(plain), taken(generated("1")), job).meant).toEqual([]);
    const removed = judge({ ...home, [LISTING]: generated("1") }, { [LISTING]: home[LISTING] });
    expect(removed.meant).toHaveLength(1);
  });
});
