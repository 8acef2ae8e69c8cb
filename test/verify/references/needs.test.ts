import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { GAMES, inShort, says } from "./tree.ts";

const GO = "kubernetes/apps/games/go";
const h = homeTree();
const inGames = (text: string) => text.replace(/( {2}name: .*\n)/, "$1  namespace: games\n");
const inFlux = (text: string) => text.replace(/( {2}name: .*\n)/, "$1  namespace: flux-system\n");

/** Two Kustomizations that come: `late` brings what `go` needs. */
const apps = (late: string, go: string, of: Spec): Files => ({
  [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml"]),
  [`${GO}/ks.yaml`]: ks("go", `${GO}/app`, of.go) + ks("late", `${GO}/late`, of.late),
  ...{ [`${GO}/app/all.yaml`]: go, [`${GO}/late/all.yaml`]: late },
});
type Spec = { late?: string[]; go?: string[] };
const AFTER: Spec = { late: ["dependsOn: [{name: go}]"] };
const WAITING: Spec = { ...AFTER, go: ["wait: true"] };

const namespace = object("Namespace", "go");
const within = object("ConfigMap", "a", "v1", ["  namespace: go"]);
const CRD = object("CustomResourceDefinition", "xs.example.io", "apiextensions.k8s.io/v1", [
  "spec:",
  "  group: example.io",
  "  scope: Namespaced",
  "  names: {kind: X, plural: xs, singular: x}",
  "  versions:",
  "    - name: v1",
  "      served: true",
  "      storage: true",
  "      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}",
]);
const custom = inGames(object("X", "one", "example.io/v1"));
const values = inGames(object("Secret", "go-values", "v1", ["stringData: {values.yaml: 'a: b'}"]));
const takes = inGames(release("go", ["valuesFrom: [{kind: Secret, name: go-values}]"]));
const repository = inGames(
  object("HelmRepository", "late", "source.toolkit.fluxcd.io/v1", ["spec: {interval: 1h, url: 'https://c.invalid'}"]),
);
const fromIt = inGames(release("go")).replace("name: charts}", "name: late}");
const pod = inGames(
  object("Deployment", "web", "apps/v1", [
    "spec:",
    "  selector: {matchLabels: {app: web}}",
    "  template:",
    "    metadata: {labels: {app: web}}",
    "    spec: {containers: [{name: web, image: 'web:1', envFrom: [{secretRef: {name: go-values}}]}]}",
  ]),
);
const variables = inFlux(object("ConfigMap", "go-own", "v1", ["data: {HOST: go.invalid}"]));
const substitutes = "postBuild: {substituteFrom: [{kind: ConfigMap, name: go-own}]}";

describe("what comes with a Kustomization that waits for those that need it", () => {
  test.each([
    ["a namespace", namespace, within, AFTER, "Namespace go"],
    ["a kind", CRD, custom, AFTER, "CustomResourceDefinition xs.example.io"],
    ["values of a release", values, takes, WAITING, "Secret games/go-values"],
    ["a source of charts", repository, fromIt, WAITING, "HelmRepository games/late"],
    ["what a pod mounts", values, pod, WAITING, "Secret games/go-values"],
    [
      "variables",
      variables,
      object("Namespace", "other"),
      { ...AFTER, go: [substitutes] },
      "ConfigMap flux-system/go-own",
    ],
  ])("%s", (_title, late, go, of, told) => {
    expect(inShort(h, apps(late, go, of))).toBe(`unsafe | waits-in-circle ${told}`);
    // Without the dependency, or turned around, or without a wait, all comes after a while.
    expect(inShort(h, apps(late, go, { go: of.go ?? [] }))).toBe("safe");
    expect(inShort(h, apps(late, go, { go: [...(of.go ?? []), "dependsOn: [{name: late}]"] }))).toBe("safe");
    if (of === WAITING) expect(inShort(h, apps(late, go, AFTER))).toBe("safe");
  });

  test("says who waits for whom, and what to do", () => {
    const { findings } = says(h, apps(namespace, within, AFTER));
    const found = findings.find(({ rule }) => rule === "waits-in-circle");
    expect(found?.at).toMatchObject({ file: `${GO}/late/all.yaml` });
    expect(found?.what).toBe(
      "Namespace go waits for itself: it is applied by Kustomization flux-system/late, which depends on Kustomization flux-system/go, which needs Namespace go. Flux applies none of them.",
    );
  });

  test("is told of once, and of what all of it waits for", () => {
    const source = inFlux(
      object("OCIRepository", "own", "source.toolkit.fluxcd.io/v1", [
        "spec: {interval: 1h, url: 'oci://ghcr.io/me/own', ref: {tag: v1}}",
      ]),
    );
    const child = ks("own", "", [], "own").replace("GitRepository", "OCIRepository");
    expect(inShort(h, apps(namespace, within + source + child, WAITING))).toBe("unsafe | waits-in-circle Namespace go");
  });

  test("is there before, or somebody else brings it as well", () => {
    const before = { ...h, ...apps(namespace, within, { go: ["dependsOn: [{name: late}]"] }) };
    expect(inShort(before, apps(namespace, within, AFTER))).toBe("safe");
    const others = { "kubernetes/apps/games/go.yaml": namespace };
    const list = { [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml", "go.yaml"]) };
    expect(inShort(h, { ...apps(namespace, within, AFTER), ...others, ...list })).not.toContain("waits-in-circle");
    const byHand = { ...h, "kubernetes/apps/games/by-hand.yaml": within.replace("name: a", "name: b") };
    const used = { ...byHand, [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "by-hand.yaml"]) };
    const named = apps(namespace, within, AFTER);
    const all = { ...named, [GAMES]: named[GAMES]!.replace("  - go/ks.yaml", "  - go/ks.yaml\n  - by-hand.yaml") };
    expect(inShort(used, all)).not.toContain("waits-in-circle");
  });

  test("comes with what is there, though what applies that is stuck till then", () => {
    const tree = (file: string, own: string, path = "late") => ({
      [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "go"]),
      [`${GO}/kustomization.yaml`]: kustomization(["ks.yaml", "all.yaml"]),
      [`${GO}/ks.yaml`]: ks("late", `${GO}/${path}`),
      [`${GO}/all.yaml`]: own,
      [`${GO}/late/all.yaml`]: file,
    });
    const before = { ...h, ...tree(values, variables) };
    expect(inShort(before, tree(values + namespace, variables + within))).toBe("safe");
    // It is not there yet, or builds that only once its new spec is applied.
    expect(inShort(h, tree(namespace, within))).toBe("unsafe | waits-in-circle Namespace go");
    const next = { [`${GO}/next/all.yaml`]: namespace };
    expect(inShort(before, { ...tree(values, variables + within, "next"), ...next })).toContain(
      "waits-in-circle Namespace go",
    );
  });

  test("is in every cluster", () => {
    const system = (text: string) => text.replace(/(name(?:space)?): go\n/g, "$1: kube-system\n");
    expect(inShort(h, apps(system(namespace), system(within), AFTER))).toBe("safe");
  });

  test("an object of a Kustomization that applies it itself", () => {
    const { [`${GO}/late/all.yaml`]: _late, ...rest } = apps("", variables, {});
    const kept = inFlux(object("ConfigMap", "go"));
    const elsewhere = { [`${GO}/app/all.yaml`]: kept, "kubernetes/flux/vars/go.yaml": variables };
    const alone = (...spec: string[]) => ({ ...rest, [`${GO}/ks.yaml`]: ks("go", `${GO}/app`, spec) });
    expect(inShort(h, alone(substitutes))).toBe("unsafe | waits-in-circle ConfigMap flux-system/go-own");
    expect(inShort(h, alone(substitutes.replace("go-own", "cluster-settings")))).toBe("safe");
    // With its old spec it has applied what the new one needs.
    expect(inShort({ ...h, ...alone() }, alone(substitutes))).toBe("safe");
    // Here it may do so before it gets the new one, unless that comes with another path.
    const before = { ...h, ...alone(), [`${GO}/app/all.yaml`]: kept };
    const comes = (...spec: string[]) => ({ ...alone(...spec), [`${GO}/app/all.yaml`]: kept + variables });
    expect(inShort(before, comes(substitutes))).toBe("unproven | safety-unknown Kustomization flux-system/go");
    const next = {
      [`${GO}/ks.yaml`]: ks("go", `${GO}/next`, [substitutes]),
      [`${GO}/next/all.yaml`]: kept + variables,
    };
    expect(inShort(before, next)).toBe("unsafe | waits-in-circle Kustomization flux-system/go");
    expect(inShort(before, comes(substitutes.replace("go-own", "go-own, optional: true")))).toBe("safe");
    expect(inShort(before, { ...alone(substitutes), ...elsewhere })).toBe("safe");
    const account = inFlux(object("ServiceAccount", "go"));
    const as = { ...alone("serviceAccountName: go"), [`${GO}/app/all.yaml`]: account };
    expect(inShort(h, as)).toContain("waits-in-circle ServiceAccount flux-system/go");
    const both = { ...alone(), [`${GO}/app/all.yaml`]: namespace + within + CRD + custom };
    expect(inShort(h, both)).toBe("safe");
  });
});
