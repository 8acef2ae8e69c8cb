import { describe, expect, test } from "vitest";
import { sayLook } from "../../../src/references/say-look.ts";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import {
  CHESS,
  CHESS_APP,
  chart,
  chartTree,
  GAMES,
  inFlux,
  inShort,
  PLAYER,
  PLAYER_APP,
  REPOS,
  repository,
  says,
} from "./tree.ts";

const GO = "kubernetes/apps/games/go";
const add = (files: Files, spec: string[] = []): Edits => ({
  [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "go/ks.yaml"]),
  [`${GO}/ks.yaml`]: ks("go", `${GO}/app`, ["targetNamespace: games", ...spec]),
  [`${GO}/app/kustomization.yaml`]: kustomization(Object.keys(files)),
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`${GO}/app/${name}`, text])),
});
const CHART = { "helmrelease.yaml": chart("go", "bjw-charts") };
const values = (kind: string, name: string, more = "") =>
  chart("go", "bjw-charts", [`valuesFrom: [{kind: ${kind}, name: ${name}${more}}]`]);

describe("a new app", () => {
  test("on what is there is quiet", () => {
    expect(inShort(chartTree(), add(CHART))).toBe("safe");
    expect(inShort(chartTree(), add(CHART, ["dependsOn: [{name: player}, {name: chess}]"]))).toBe("safe");
    const own = {
      ...CHART,
      "repo.yaml": repository("go-charts"),
      "helmrelease.yaml": release("go").replace("charts}", "go-charts}"),
    };
    expect(inShort(chartTree(), add(own))).toBe("safe");
  });

  test("that names something with no name in it is stopped", () => {
    for (const spec of ["dependsOn: [{name: ''}]", "decryption: {provider: sops, secretRef: {name: ''}}"])
      expect(inShort(chartTree(), add(CHART, [spec]))).toBe("unsafe | reference-missing Kustomization flux-system/go");
    const text = chart("go", "bjw-charts", ["valuesFrom: [{kind: ConfigMap, name: ''}]"]);
    expect(inShort(chartTree(), add({ "helmrelease.yaml": text }))).toBe(
      "unsafe | object-refused HelmRelease games/go | reference-missing HelmRelease games/go",
    );
    // The same as none.
    expect(inShort(chartTree(), add(CHART, ["serviceAccountName: ''"]))).toBe("safe");
  });

  test("on a source of another name, kind or namespace waits for ever", () => {
    for (const text of [
      chart("go", "bjw-chart"),
      chart("go", "bjw-charts").replace("kind: HelmRepository", "kind: GitRepository"),
      chart("go", "bjw-charts").replace(", namespace: flux-system", ""),
      chart("go", "nobody"),
    ]) {
      expect(inShort(chartTree(), add({ "helmrelease.yaml": text }))).toBe(
        "unsafe | reference-missing HelmRelease games/go",
      );
    }
  });

  test("a typo gets the name that is meant", () => {
    const { findings } = says(chartTree(), add({ "helmrelease.yaml": chart("go", "bjw-chart") }));
    const found = findings.find(({ rule }) => rule === "reference-missing")!;
    expect(found.why).toContain("There is bjw-charts");
    expect(`${found.at?.file}:${found.at?.line}`).toBe(`${GO}/app/helmrelease.yaml:8`);
  });

  test("that depends on nothing", () => {
    expect(inShort(chartTree(), add(CHART, ["dependsOn: [{name: storage}]"]))).toBe(
      "unsafe | reference-missing Kustomization flux-system/go",
    );
    const { findings } = says(chartTree(), add(CHART, ["dependsOn: [{name: player, namespace: media}]"]));
    expect(findings.find(({ rule }) => rule === "reference-missing")?.at).toMatchObject({
      file: `${GO}/ks.yaml`,
      line: 15,
    });
  });

  test("that reads a source, a chart or a substitution nobody has", () => {
    const source = add(CHART);
    source[`${GO}/ks.yaml`] = ks("go", `${GO}/app`, ["targetNamespace: games"], "hme");
    expect(says(chartTree(), source).rules).toContain("reference-missing Kustomization flux-system/go");
    const oci = chart("go", "x").replace(/ {2}chart: .*\n/, "  chartRef: {kind: OCIRepository, name: go}\n");
    expect(inShort(chartTree(), add({ "helmrelease.yaml": oci }))).toBe(
      "unsafe | reference-missing HelmRelease games/go",
    );
    const made = inFlux("OCIRepository", "go", "source.toolkit.fluxcd.io/v1", [
      "  interval: 1h",
      "  url: oci://x",
    ]).replace("  namespace: flux-system\n", "");
    expect(inShort(chartTree(), add({ "helmrelease.yaml": oci, "repo.yaml": made }))).toBe("safe");
  });

  test("an app that goes to a source nobody makes loses nothing: Flux waits, and prunes nothing", () => {
    const edits = (name: string) => ({ [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media"], name) });
    expect(inShort(chartTree(), edits("hom"))).toBe("unsafe | reference-missing Kustomization flux-system/player");
    expect(judge(chartTree(), edits("hom")).safety.dangers).toEqual([]);
    // One that somebody has read so far was made by hand.
    const relied = { ...chartTree(), [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games"], "hom") };
    expect(judge(relied, edits("hom")).wanted).toContain("deleted PersistentVolumeClaim media/player");
  });

  test("may be the business of another repository", () => {
    const tree: Files = {
      ...chartTree(),
      "kubernetes/flux/theirs.yaml":
        inFlux("GitRepository", "theirs", "source.toolkit.fluxcd.io/v1", [
          "  url: https://git.example.invalid/them/x.git",
        ]) + ks("theirs", "deploy", [], "theirs"),
    };
    expect(inShort(tree, add(CHART, ["dependsOn: [{name: storage}]"]))).toBe(
      "unproven | safety-unknown Kustomization flux-system/go",
    );
  });
});

describe("Secrets, ConfigMaps and accounts", () => {
  test("a source that nothing delivers relies on them: it was applied by hand, and is there", () => {
    const source = (secret: string) => ["  secretRef:", `    name: ${secret}`];
    const { "kubernetes/flux/config/cluster.yaml": root = "", ...rest } = homeTree();
    const aside = "kubernetes/bootstrap/cluster.yaml";
    const tree = {
      ...rest,
      [aside]: root.replace("  ref: {branch: main}", (ref) => [ref, ...source("key")].join("\n")),
    };
    const gitSource = (secret: string): Edits => ({
      "kubernetes/flux/repos/kustomization.yaml": kustomization(["git.yaml"]),
      "kubernetes/flux/repos/git.yaml": inFlux("GitRepository", "home", "source.toolkit.fluxcd.io/v1", [
        "  interval: 30m",
        "  url: https://git.example.invalid/me/home.git",
        "  ref: {branch: main}",
        ...source(secret),
      ]),
    });
    expect(inShort(tree, gitSource("key"))).toBe("safe");
    expect(inShort(tree, gitSource("other"))).toMatch(/^unproven/);
  });

  test("nobody in Git makes them: open, with where to look", () => {
    const { verdict, findings } = says(chartTree(), add({ "helmrelease.yaml": values("Secret", "go-values") }));
    expect(verdict).toBe("unproven");
    expect(findings.at(-1)).toMatchObject({ rule: "safety-unknown", resource: "HelmRelease games/go" });
    expect(findings.at(-1)!.what).toContain("names Secret/go-values in spec.valuesFrom");
    expect(findings.at(-1)!.next).toContain("kubectl get secret go-values -n games");
    expect(inShort(chartTree(), add(CHART, ["serviceAccountName: deployer"]))).toContain("unproven");
    expect(inShort(chartTree(), add(CHART, ["decryption: {provider: sops, secretRef: {name: sops-agent}}"]))).toContain(
      "unproven",
    );
    expect(
      inShort(chartTree(), add(CHART, ["postBuild: {substituteFrom: [{kind: ConfigMap, name: settings-of-go}]}"])),
    ).toContain("unproven");
  });

  test("a ResourceSet makes its templates, and not all that these name", () => {
    const template = (more: string[]) =>
      object("ResourceSet", "go", "fluxcd.controlplane.io/v1", [
        "spec:",
        "  resources:",
        ...more.map((line) => `    ${line}`),
      ]);
    const made = chart("go", "bjw-charts", ["valuesFrom: [{kind: ConfigMap, name: go-values}]"])
      .replace("---\n", "")
      .replace("  name: go\n", "  name: go\n  namespace: games\n")
      .trimEnd()
      .split("\n")
      .map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
    const values = ["- {apiVersion: v1, kind: ConfigMap, metadata: {name: go-values, namespace: games}}"];
    const used = (name: string) => object("ResourceSet", name, "fluxcd.controlplane.io/v1", ["spec: {}"]);
    const tree: Files = {
      ...chartTree(),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "set.yaml"]),
      [`${CHESS_APP}/set.yaml`]: used("chess"),
    };
    expect(inShort(tree, add({ "set.yaml": template(made) }))).toBe("unproven | safety-unknown HelmRelease games/go");
    expect(inShort(tree, add({ "set.yaml": template([...made, ...values]) }))).toBe("safe");
    const edits = add({ "set.yaml": template(made) });
    edits[`${GO}/app/kustomization.yaml`] += "configMapGenerator: [{name: go-values, literals: [a=b]}]\n";
    expect(inShort(tree, edits)).toBe("unsafe | reference-missing HelmRelease games/go");
  });

  test("optional ones, and what others relied on before, are quiet", () => {
    expect(inShort(chartTree(), add({ "helmrelease.yaml": values("Secret", "go-values", ", optional: true") }))).toBe(
      "safe",
    );
    expect(inShort(chartTree(), add(CHART, ["decryption: {provider: sops, secretRef: {name: sops-age}}"]))).toBe(
      "safe",
    );
    const relied = {
      ...chartTree(),
      [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts", ["valuesFrom: [{kind: Secret, name: shared}]"]),
    };
    expect(inShort(relied, add({ "helmrelease.yaml": values("Secret", "shared") }))).toBe("safe");
  });

  test.each([
    ["a Secret in Git", object("Secret", "go-values", "v1", ["stringData: {values.yaml: 'x: y'}"])],
    [
      "an ExternalSecret",
      object("ExternalSecret", "go", "external-secrets.io/v1", ["spec: {target: {name: go-values}}"]),
    ],
    ["an ExternalSecret of that name", object("ExternalSecret", "go-values", "external-secrets.io/v1")],
    ["a SealedSecret", object("SealedSecret", "go-values", "bitnami.com/v1alpha1")],
    ["a Certificate", object("Certificate", "go", "cert-manager.io/v1", ["spec: {secretName: go-values}"])],
    [
      "an operator that names it",
      object("User", "go", "db.example.com/v1", ["spec: {credentials: {secretName: go-values}}"]),
    ],
  ])("%s makes it", (_, maker) => {
    const files = { "helmrelease.yaml": values("Secret", "go-values"), "maker.yaml": maker };
    // Such kinds are there already.
    const other = maker.replaceAll("go", "zz");
    const tree: Files = {
      ...chartTree(),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "m.yaml"]),
      [`${CHESS_APP}/m.yaml`]: other,
    };
    expect(says(tree, add(files)).rules).toEqual([]);
  });

  test("generators of kustomize make it where its name gets no hash", () => {
    const edits = add({ "helmrelease.yaml": values("ConfigMap", "go-values") });
    edits[`${GO}/app/kustomization.yaml`] = kustomization(
      ["helmrelease.yaml"],
      [
        "configMapGenerator: [{name: go-values, literals: ['values.yaml=a: b'], options: {disableNameSuffixHash: true}}]",
      ],
    );
    expect(inShort(chartTree(), edits)).toBe("safe");
  });

  test("what another Kustomization makes in that namespace counts", () => {
    const tree: Files = {
      ...chartTree(),
      "kubernetes/apps/games/secrets/ks.yaml": ks("secrets", "kubernetes/apps/games/secrets/app", [
        "targetNamespace: games",
      ]),
      "kubernetes/apps/games/secrets/app/s.yaml": object("ExternalSecret", "x", "external-secrets.io/v1", [
        "spec: {target: {name: go-values}}",
      ]),
      [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "secrets/ks.yaml"]),
    };
    const edits = add({ "helmrelease.yaml": values("Secret", "go-values") });
    edits[GAMES] = kustomization(["namespace.yaml", "chess/ks.yaml", "secrets/ks.yaml", "go/ks.yaml"]);
    expect(inShort(tree, edits)).toBe("safe");
    expect(
      inShort(
        {
          ...tree,
          "kubernetes/apps/games/secrets/ks.yaml": ks("secrets", "kubernetes/apps/games/secrets/app", [
            "targetNamespace: media",
          ]),
        },
        edits,
      ),
    ).toContain("unproven");
  });

  test("a variable that this Kustomization fills in is the name", () => {
    const edits = add(
      {
        "helmrelease.yaml": values("Secret", "'${APP}-values'"),
        "s.yaml": object("ExternalSecret", "'${APP}-values'", "external-secrets.io/v1"),
      },
      ["postBuild: {substitute: {APP: go}}"],
    );
    const tree: Files = {
      ...chartTree(),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "m.yaml"]),
      [`${CHESS_APP}/m.yaml`]: object("ExternalSecret", "zz", "external-secrets.io/v1"),
    };
    expect(inShort(tree, edits)).toBe("safe");
  });
});

describe("what changes in place", () => {
  test("a dependency, a chart, a source that get a name nobody has", () => {
    expect(
      inShort(chartTree(), {
        [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", "dependsOn: [{name: playr}]"]),
      }),
    ).toBe("unsafe | reference-missing Kustomization flux-system/chess");
    expect(inShort(chartTree(), { [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-cahrts") })).toBe(
      "unsafe | reference-missing HelmRelease games/chess",
    );
    expect(
      inShort(chartTree(), { [`${REPOS}/bjw.yaml`]: repository("bjw-charts", ["secretRef: {name: charts-login}"]) }),
    ).toBe("unproven | safety-unknown HelmRepository flux-system/bjw-charts");
  });

  test("versions, values, intervals and labels are quiet", () => {
    for (const text of [
      chart("chess", "bjw-charts", ["values: {image: {tag: v2}}"]),
      chart("chess", "bjw-charts").replace("interval: 1h", "interval: 2h"),
      chart("chess", "spare-charts"),
      chart("chess", "bjw-charts").replace("  name: chess", "  name: chess\n  labels: {a: b}"),
    ]) {
      expect(inShort(chartTree(), { [`${CHESS_APP}/helmrelease.yaml`]: text })).toBe("safe");
    }
    expect(inShort(homeTree(), { [CHESS]: homeTree()[CHESS]!.replace("30m", "1h") })).toBe("safe");
  });
});

test("a name that ends in ten letters is none with a hash", () => {
  const other = object("ConfigMap", "settings-kubernetes", "v1", ["data: {values.yaml: 'a: b'}"]);
  const files = { ...CHART, "values.yaml": other, "helmrelease.yaml": values("ConfigMap", "settings") };
  expect(inShort(chartTree(), add(files))).toBe("unproven | safety-unknown HelmRelease games/go");
  const hashed = { ...files, "values.yaml": other.replace("settings-kubernetes", "settings-b2c4d5f6g7") };
  expect(inShort(chartTree(), add(hashed))).toBe("unsafe | reference-missing HelmRelease games/go");
});

describe("a typo", () => {
  const values = (name: string) => chart("chess", "bjw-charts", [`valuesFrom: [{kind: ConfigMap, name: ${name}}]`]);

  test("of a generated name, which carries a hash in the cluster", () => {
    const tree: Files = {
      ...chartTree(),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(
        ["helmrelease.yaml"],
        ["configMapGenerator: [{name: chess-values, literals: [a=b]}]"],
      ),
      [`${CHESS_APP}/helmrelease.yaml`]: values("chess-values"),
    };
    expect(inShort(tree, { [`${CHESS_APP}/helmrelease.yaml`]: values("chess-vlaues") })).toBe(
      "unsafe | reference-missing HelmRelease games/chess",
    );
  });

  test("of a Secret that nobody in Git makes and that others go on naming", () => {
    const sops = (name: string) => `decryption: {provider: sops, secretRef: {name: ${name}}}`;
    const tree: Files = {
      ...chartTree(),
      [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", sops("sops-age")]),
    };
    const edit = (name: string) => ({ [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", sops(name)]) });
    expect(inShort(tree, edit("sops-aeg"))).toBe("unsafe | reference-missing Kustomization flux-system/chess");
    expect(inShort(tree, edit("another-key"))).toContain("unproven");
  });
});

test("a source that was read before it comes to Git works with the Secret that it names", () => {
  const source = (name: string) =>
    object("HelmRepository", name, "source.toolkit.fluxcd.io/v1", [
      "spec: {interval: 1h, url: 'https://charts.example.invalid', secretRef: {name: login}}",
    ]);
  const tree = homeTree();
  const [file, text] = Object.entries(tree).find(([, one]) => one.includes("name: charts"))!;
  expect(inShort(tree, { [file]: text + source("charts") })).toBe("safe");
  expect(inShort(tree, { [file]: text + source("others") })).toBe(
    "unproven | safety-unknown HelmRepository media/others",
  );
});

test("how to look for what has no namespace", () => {
  expect(sayLook("clusterissuer", { name: "one", namespace: "", remote: "" })).toBe(
    "look with kubectl get clusterissuer one whether it is there",
  );
  expect(sayLook("secret", { name: "one", namespace: "media", remote: "" })).toContain(
    "kubectl get secret one -n media ",
  );
});
