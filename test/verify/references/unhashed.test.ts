import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { CHESS, CHESS_APP, inShort, PLAYER_APP, says } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const FIELD = `${PLAYER_APP}/fields.yaml`;
const RELEASE = `${PLAYER_APP}/helmrelease.yaml`;
const fields = (path = "spec/values/persistence/config/name") =>
  `nameReference: [{kind: ConfigMap, version: v1, fieldSpecs: [{path: ${path}, kind: HelmRelease}]}]\n`;
const list = (name = "app-config", ...more: string[]) =>
  kustomization(
    ["helmrelease.yaml", "pvc.yaml"],
    [`configMapGenerator: [{name: ${name}, literals: [a=b]}]`, "configurations: [fields.yaml]", ...more],
  );
const named = (name = "app-config") =>
  release("player", [`values: {persistence: {config: {type: configMap, name: ${name}}}}`]);
const tree = { ...homeTree(), [LIST]: list(), [FIELD]: fields(), [RELEASE]: named() };
const PLAYER = "HelmRelease media/player";

describe("a generated name in values of a chart", () => {
  test("that kustomize fills in no more", () => {
    const edits = { [FIELD]: fields("spec/values/persistence/data/name") };
    expect(inShort(tree, edits)).toBe(`unsafe | reference-missing ${PLAYER}`);
    const [found] = says(tree, edits).findings.filter(({ level }) => level === "blocker");
    expect(found).toMatchObject({
      at: { file: RELEASE },
      what: expect.stringContaining("names ConfigMap/app-config in spec.values.persistence.config.name"),
      next: expect.stringContaining("nameReference"),
    });
    expect(inShort(tree, { [LIST]: list().replace("configurations: [fields.yaml]\n", "") })).toContain(
      "reference-missing",
    );
  });

  test("that is another one from now on", () => {
    expect(inShort(tree, { [LIST]: list("settings") })).toContain(`unsafe | reference-breaks ${PLAYER}`);
    expect(inShort(tree, { [LIST]: list("settings"), [RELEASE]: named("settings") })).toMatch(/^deletes/);
  });

  test("that loses its hash, which somebody else makes, or that goes as well", () => {
    const plain = "generatorOptions: {disableNameSuffixHash: true}";
    expect(inShort(tree, { [LIST]: list("app-config", plain), [FIELD]: fields("spec/other") })).toBe("safe");
    const own = { [`${PLAYER_APP}/config.yaml`]: object("ConfigMap", "app-config", "v1", ["data: {a: b}"]) };
    const both = kustomization(["helmrelease.yaml", "pvc.yaml", "config.yaml"]);
    expect(inShort(tree, { ...own, [LIST]: both })).not.toContain("reference");
    expect(
      inShort(tree, { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]), [RELEASE]: release("player") }),
    ).toBe("deletes");
  });
});

test("a name that never had one is no business of this", () => {
  const bare = { ...tree, [FIELD]: fields("spec/other") };
  expect(inShort(bare, { [RELEASE]: named("app-config-2") })).not.toContain("reference-breaks");
  expect(inShort(bare, { [LIST]: list("app-config", "namePrefix: ''") })).toBe("safe");
});

test("a generated name that is written out while a pod says it with a variable, as a release might call it", () => {
  const generated = (name: string, ...more: string[]) =>
    kustomization(
      ["helmrelease.yaml", "web.yaml"],
      [`configMapGenerator: [{name: '${name}', literals: [a=b]}]`, ...more],
    );
  const web = object("Deployment", "web", "apps/v1", [
    "spec:",
    "  selector: {matchLabels: {app: web}}",
    "  template:",
    "    metadata: {labels: {app: web}}",
    "    spec: {containers: [{name: web, image: web}], volumes: [{name: a, configMap: {name: '${APP}-config'}}]}",
  ]);
  const file = `${CHESS_APP}/kustomization.yaml`;
  const app = {
    ...{ ...homeTree(), [CHESS]: `${homeTree()[CHESS]}  postBuild: {substitute: {APP: chess}}\n` },
    ...{ [file]: generated("${APP}-config"), [`${CHESS_APP}/web.yaml`]: web },
  };
  expect(inShort(app, { [file]: generated("chess-config") })).toBe("unsafe | reference-missing Deployment games/web");
  const plain = "generatorOptions: {disableNameSuffixHash: true}";
  expect(
    inShort({ ...app, [file]: generated("${APP}-config", plain) }, { [file]: generated("chess-config", plain) }),
  ).toBe("safe");
});

describe("a generated name whose content is encrypted", () => {
  const GAMES = `${CHESS_APP}/kustomization.yaml`;
  const generated = (name: string, file: string, ...more: string[]) =>
    kustomization(
      ["helmrelease.yaml", "web.yaml"],
      [`secretGenerator: [{name: ${name}, files: [values.yaml=${file}]}]`, ...more],
    );
  const mounts = (name: string) =>
    object("Deployment", "web", "apps/v1", [
      "spec:",
      "  selector: {matchLabels: {app: web}}",
      "  template:",
      "    metadata: {labels: {app: web}}",
      `    spec: {containers: [{name: web, image: web}], volumes: [{name: a, secret: {secretName: ${name}}}]}`,
    ]);
  const takes = (name: string) => release("chess", [`valuesFrom: [{kind: Secret, name: ${name}}]`]);
  const CONFIG = "configurations: [fields.yaml]";
  const decrypts = `${homeTree()[CHESS]}  decryption: {provider: sops, secretRef: {name: sops-age}}\n`;
  const home = { ...homeTree(), [CHESS]: decrypts };
  const app = {
    [GAMES]: generated("own", "values.sops.yaml", CONFIG),
    [`${CHESS_APP}/fields.yaml`]:
      "nameReference: [{kind: Secret, version: v1, fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]}]\n",
    [`${CHESS_APP}/values.sops.yaml`]: "a: ENC[AES256_GCM,data:AA==,type:str]\nsops: {version: 3.9.0, age: []}\n",
    [`${CHESS_APP}/web.yaml`]: mounts("own"),
    [`${CHESS_APP}/helmrelease.yaml`]: takes("own"),
  };

  test("comes with what kustomize names it in", () => {
    expect(inShort(home, app)).toBe("safe");
    expect(inShort(home, { ...app, [GAMES]: generated("own", "values.sops.yaml") })).toBe(
      "unsafe | reference-missing HelmRelease games/chess",
    );
  });

  test("changes its content, or its name in all places", () => {
    const tree = { ...home, ...app };
    const secret = `${CHESS_APP}/values.sops.yaml`;
    expect(inShort(tree, { [secret]: tree[secret]!.replace("AA==", "BB==") })).toBe("safe");
    const renamed = {
      [GAMES]: generated("settings", "values.sops.yaml", CONFIG),
      [`${CHESS_APP}/web.yaml`]: mounts("settings"),
      [`${CHESS_APP}/helmrelease.yaml`]: takes("settings"),
    };
    expect(inShort(tree, renamed)).toBe("deletes");
  });

  test("changes its name where it is made alone, or is filled in no more", () => {
    const tree = { ...home, ...app };
    expect(inShort(tree, { [GAMES]: generated("settings", "values.sops.yaml", CONFIG) })).toBe(
      "unsafe | reference-breaks Deployment games/web | reference-breaks HelmRelease games/chess",
    );
    expect(inShort(tree, { [GAMES]: generated("own", "values.sops.yaml") })).toBe(
      "unsafe | reference-missing HelmRelease games/chess",
    );
  });
});
