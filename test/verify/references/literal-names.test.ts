import { describe, expect, test } from "vitest";
import { ks, kustomization, object, release } from "../home-tree.ts";
import { APP, CHESS, chess, cm, HR, h, LIST, PLAYER, player, sayOf } from "../odd-tree.ts";

const APPS = "kubernetes/flux/apps.yaml";
const filling = (values: string) => ks("cluster-apps", "kubernetes/apps", [`postBuild: {substitute: {${values}}}`]);
const VALUES = "values: {host: 'player.${DOMAIN}'}";
const taking = (name: string) => release("player", [`valuesFrom: [{kind: ConfigMap, name: '${name}'}]`, VALUES]);
const web = (image: string) =>
  object("Deployment", "web", "apps/v1", [
    "spec:",
    "  selector: {matchLabels: {app: web}}",
    `  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: '${image}'}]}}`,
  ]);
const WEB = `${APP}/web.yaml`;
const withWeb = { ...h, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]), [WEB]: web("me/web:1") };

describe("a name with a variable that nothing fills in", () => {
  test("is that of nothing", () => {
    const waits = { [CHESS]: chess().replace("{name: player}", "{name: '${FIRST}'}") };
    expect(sayOf(h, waits)).toBe("unsafe | reference-missing Kustomization flux-system/chess");
    expect(sayOf(h, { [CHESS]: chess().replace("name: home", "name: ${HOME}") })).toContain("reference-missing");
    expect(sayOf(h, { [HR]: taking("${APP}-values") })).toBe("unproven");
  });

  test("is another one where a Kustomization fills it in", () => {
    const waits = { [CHESS]: chess().replace("{name: player}", "{name: '${FIRST}'}") };
    expect(sayOf({ ...h, [APPS]: filling("FIRST: player") }, waits)).toBe("safe");
    const secret = ks("cluster-apps", "kubernetes/apps", ["postBuild: {substituteFrom: [{kind: Secret, name: own}]}"]);
    expect(sayOf({ ...h, [APPS]: secret }, waits)).toBe("safe");
  });

  test("is nothing to speak of where it stood there, or its values go with postBuild", () => {
    expect(sayOf({ ...h, [HR]: taking("${APP}-values") }, { [HR]: taking("${APP}-values").replace("1h", "2h") })).toBe(
      "safe",
    );
    const tree = {
      ...{ ...h, [HR]: taking("${APP}-values"), [PLAYER]: player("postBuild: {substitute: {APP: player}}") },
      ...{ [`${APP}/values.yaml`]: cm("player-values", "{values.yaml: 'a: b'}") },
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "values.yaml"]),
    };
    expect(sayOf(tree, { [PLAYER]: player() })).toBe("unsafe | setting-lost Kustomization flux-system/player");
  });
});

describe("an image with a variable that nothing fills in", () => {
  const STOPS = "unsafe | reconcile-stops Deployment media/web";
  const filled = { ...withWeb, [PLAYER]: player("postBuild: {substitute: {TAG: v2, DOMAIN: example.com}}") };

  test.each(["${IMAGE}", "me/web:${TAG}", "me/web:${TAG:-v2}"])("is none: %s", (image) => {
    expect(sayOf(withWeb, { [WEB]: web(image) })).toBe(STOPS);
    expect(
      sayOf({ ...withWeb, [WEB]: web(image) }, { [WEB]: web(image).replace("spec:", "spec:\n  replicas: 2") }),
    ).toBe("safe");
  });

  test("is one where a Kustomization fills it in, and told by the loss of postBuild", () => {
    expect(sayOf(filled, { [WEB]: web("me/web:${TAG}") })).toBe("safe");
    expect(sayOf({ ...filled, [WEB]: web("me/web:${TAG}") }, { [PLAYER]: player() })).toBe(
      "unsafe | setting-lost Kustomization flux-system/player",
    );
  });
});
