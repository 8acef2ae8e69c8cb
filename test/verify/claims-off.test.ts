import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { ks, kustomization, object, release } from "./home-tree.ts";
import { CAPP, CHESS, HR, h, sayOf } from "./odd-tree.ts";

const app = (values: string, ...more: string[]) => release("player", [`values: ${values}`, ...more]);
const says = (from: string, to: string) => sayOf({ ...h, [HR]: app(from) }, { [HR]: app(to) });
const DATA = "data: {type: persistentVolumeClaim, size: 5Gi}";

test.each([
  [`{persistence: {${DATA}, tmp: {type: emptyDir}}}`, "{persistence: {tmp: {type: emptyDir}}}"],
  [`{persistence: {${DATA}}}`, "{persistence: {data: {enabled: false, type: persistentVolumeClaim, size: 5Gi}}}"],
  [`{persistence: {${DATA}}}`, "{persistence: {data: {type: persistentVolumeClaim, existingClaim: other}}}"],
  [`{persistence: {${DATA}}}`, "{persistence: {config: {type: persistentVolumeClaim, size: 5Gi}}}"],
  ["{persistence: {data: {accessMode: ReadWriteOnce, size: 5Gi}}}", "{persistence: {data: {type: emptyDir}}}"],
  ["{primary: {persistence: {enabled: true, size: 8Gi}}}", "{primary: {persistence: {enabled: false}}}"],
  ["{server: {persistentVolume: {enabled: true}}}", "{}"],
  [
    "{db: {enabled: true, persistence: {enabled: true, size: 8Gi}}}",
    "{db: {enabled: false, persistence: {enabled: true, size: 8Gi}}}",
  ],
  [
    "{db: {main: {persistence: {enabled: true, size: 8Gi}}}}",
    "{db: {enabled: false, main: {persistence: {enabled: true, size: 8Gi}}}}",
  ],
  ["{persistence: {enabled: true, size: 1Gi}}", "{persistence: {enabled: '${KEPT}', size: 1Gi}}"],
])("values make a claim no more: %s to %s", (from, to) => {
  expect(says(from, to)).toBe("unproven | safety-unknown HelmRelease media/player");
});

test.each([
  ["{}", "{persistence: {enabled: false}}"],
  ["{server: {replicas: 1}}", "{server: {replicas: 1, persistentVolume: {enabled: false}}}"],
  ["{replicas: 1}", "{server: {persistentVolume: {enabled: false}}}"],
  ["{persistence: {size: 9Gi}}", "{persistence: {size: 9Gi, existingClaim: other}}"],
])("values that come to refuse the claim of the chart: %s to %s", (from, to) => {
  const { verdict, findings } = verifyEdits({ [HR]: app(to) }, { ...h, [HR]: app(from) });
  expect(verdict).toBe("unproven");
  expect(findings.map(({ what }) => what).join()).toContain("where the chart makes one by default, Helm deletes");
});

test("a chart that makes no claim but those of its values has none to lose", () => {
  const of = (values: string) => app(values).replace("chart: app,", "chart: app-template,");
  const edits = { [HR]: of("{persistence: {enabled: true, existingClaim: other}}") };
  expect(verifyEdits(edits, { ...h, [HR]: of("{replicas: 1}") }).verdict).toBe("safe");
});

test.each([
  ["{persistence: {enabled: false}}", "{persistence: {enabled: false, existingClaim: other}}"],
  ["{}", "{postgres: {enabled: true, persistence: {enabled: false}}}"],
  [
    "{db: {enabled: true, persistence: {enabled: true, resourcePolicy: keep}}}",
    "{db: {enabled: false, persistence: {enabled: true, resourcePolicy: keep}}}",
  ],
  [
    "{db: {enabled: false, persistence: {enabled: true, size: 8Gi}}}",
    "{db: {enabled: false, persistence: {enabled: true, size: 9Gi}}}",
  ],
  ["{postgres: {enabled: false}}", "{postgres: {enabled: true, persistence: {enabled: false}}}"],
  ["{}", "{persistence: {enabled: true}}"],
  ["{}", "{persistence: {tmp: {type: emptyDir}}}"],
  ["{persistence: {data: {type: persistentVolumeClaim, size: 5Gi, retain: true}}}", "{}"],
  ["{persistence: {enabled: true, resourcePolicy: keep}}", "{persistence: {enabled: false}}"],
  ["{persistence: {tmp: {type: emptyDir}, files: {type: configMap, name: a}, media: {type: nfs, path: /a}}}", "{}"],
  ["{persistence: {data: {existingClaim: player}}}", "{persistence: {data: {existingClaim: other}}}"],
  [
    `{persistence: {${DATA}}}`,
    "{persistence: {data: {type: persistentVolumeClaim, size: 6Gi, globalMounts: [{path: /a}]}}}",
  ],
  ["{persistence: {enabled: true, size: 5Gi}}", "{persistence: {size: 6Gi}}"],
  ["{persistence: {enabled: false}}", "{}"],
  ["{persistence: {enabled: '${KEPT}', size: 1Gi}}", "{persistence: {enabled: '${KEPT}', size: 2Gi}}"],
  [
    "{persistence: {data: {enabled: true, hostPath: /data}}}",
    "{persistence: {data: {enabled: true, type: hostPath, hostPath: /data}}}",
  ],
  ["{persistence: {tmp: {enabled: true, medium: Memory}}}", "{persistence: {}}"],
])("values that lose no claim: %s to %s", (from, to) => {
  expect(says(from, to)).toMatch(/^safe/);
});

test("the entry is named, and a suspended release is left alone", () => {
  const tree = { ...h, [HR]: app(`{persistence: {${DATA}}}`) };
  const { findings } = verifyEdits({ [HR]: app("{persistence: {}}") }, tree);
  expect(findings.find(({ rule }) => rule === "safety-unknown")?.what).toContain("(persistence.data)");
  expect(verifyEdits({ [HR]: app("{persistence: {}}", "suspend: true") }, tree).verdict).toBe("safe");
});

test("values that come to lie where they cannot be read may make it all the same", () => {
  const said = verifyEdits(
    { [HR]: release("player", ["valuesFrom: [{kind: Secret, name: elsewhere}]"]) },
    { ...h, [HR]: app(`{persistence: {${DATA}}}`) },
  );
  expect(said.findings.map(({ what }) => what).join("\n")).toContain("where the others make none either, Helm deletes");
});

test("values of a ConfigMap that another Kustomization delivers, generated, patched or filled in there", () => {
  const taking = release("player", ["valuesFrom: [{kind: ConfigMap, name: player-values}]"]);
  const map = (entry: string) =>
    object("ConfigMap", "player-values", "v1", [
      "  namespace: media",
      `data: {values.yaml: '{persistence: ${entry}}'}`,
    ]);
  const tree = {
    ...h,
    [HR]: taking,
    [`${CAPP}/kustomization.yaml`]: kustomization(["values.yaml"]),
    [`${CAPP}/values.yaml`]: map(`{${DATA}}`),
    [CHESS]: ks("chess", CAPP, ["dependsOn: [{name: player}]"]),
  };
  const lost = "unproven | safety-unknown HelmRelease media/player";
  expect(sayOf(tree, { [`${CAPP}/values.yaml`]: map("{}") })).toBe(lost);
  expect(sayOf(tree, { [`${CAPP}/values.yaml`]: map(`{${DATA}, tmp: {type: emptyDir}}`) })).toMatch(/^safe/);
  const filled = (value: string) =>
    ks("chess", CAPP, ["dependsOn: [{name: player}]", `postBuild: {substitute: {ON: "${value}"}}`]);
  const open = { ...tree, [`${CAPP}/values.yaml`]: map("{enabled: ${ON}, size: 5Gi}"), [CHESS]: filled("true") };
  expect(sayOf(open, { [CHESS]: filled("false") })).toBe(lost);
});
