import { describe, expect, test } from "vitest";
import { APPS, change, type Files, FLUX, fluxKustomization, homeOps, list, migrate, run, yamlOf } from "./support.ts";

const APP = `${APPS}/flux/app`;
const REPOS = "kubernetes/flux/repos";
const HELMFILE = "kubernetes/bootstrap/helmfile.yaml";

const release = (name: string, chart: string, values: string) => `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
  chart:
    spec:
      chart: ${chart}
      version: 2.16.4
      sourceRef:
        kind: HelmRepository
        name: fluxcd-community
        namespace: flux-system
  valuesFrom:
    - kind: ConfigMap
      name: ${values}
`;

/** The old chart with values in a file that a helmfile reads too, beside a rule that stays. */
function chart(): Files {
  const files = homeOps();
  delete files[FLUX];
  files["kubernetes/flux/config/kustomization.yaml"] = list("./cluster.yaml");
  files["kubernetes/flux/repos.yaml"] = fluxKustomization("repos", REPOS);
  files[`${REPOS}/kustomization.yaml`] = list("./community.yaml", "./other.yaml");
  for (const [file, name] of [
    ["community", "fluxcd-community"],
    ["other", "other"],
  ] as const)
    files[`${REPOS}/${file}.yaml`] =
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  url: https://${name}.example.org\n`;
  files[`${APPS}/kustomization.yaml`] = list("./namespace.yaml", "./addons/ks.yaml", "./flux/ks.yaml");
  files[`${APPS}/flux/ks.yaml`] = fluxKustomization("flux", APP, "  targetNamespace: flux-system\n");
  files[`${APP}/kustomization.yaml`] = `${list("./helmrelease.yaml", "./rule.yaml")}configMapGenerator:
  - name: flux-values
    files:
      - values.yaml=./helm-values.yaml
generatorOptions:
  disableNameSuffixHash: true
configurations:
  - ./kustomizeconfig.yaml
`;
  files[`${APP}/kustomizeconfig.yaml`] =
    "nameReference:\n  - kind: ConfigMap\n    version: v1\n    fieldSpecs:\n      - path: spec/valuesFrom/name\n        kind: HelmRelease\n";
  files[`${APP}/helm-values.yaml`] =
    "helmController:\n  container:\n    additionalArgs:\n      # more of them\n      - --concurrent=10\nprometheus:\n  podMonitor:\n    create: true\n";
  files[`${APP}/rule.yaml`] =
    "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: flux\nspec: {}\n";
  files[`${APP}/helmrelease.yaml`] = release("flux", "flux2", "flux-values");
  files[HELMFILE] = `releases:
  - name: cilium
    namespace: kube-system
    chart: oci://ghcr.io/home-operations/charts-mirror/cilium
    version: 1.18.1

  - name: flux
    namespace: flux-system
    chart: oci://ghcr.io/fluxcd-community/charts/flux2
    version: 2.16.4
    values:
      - ../apps/flux-system/flux/app/helm-values.yaml
      - ./flux-more.yaml
    needs:
      - kube-system/cilium
`;
  files["kubernetes/bootstrap/flux-more.yaml"] = "logLevel: info\n";
  return files;
}

/** Install, then cutover alone. */
function cutOver(files: Files) {
  const installed = migrate(files).files;
  return { installed, ...run(installed, { phase: "cutover" }) };
}

const blocked = ({ findings }: ReturnType<typeof cutOver>) => findings.filter(({ level }) => level === "blocker");

describe("what served the old chart alone goes with it", () => {
  test("values, generator, name references and repository, and the helmfile that read them, in one phase", () => {
    const result = cutOver(chart());
    expect(blocked(result)).toEqual([]);
    const { files } = result;
    for (const path of ["helmrelease.yaml", "helm-values.yaml", "kustomizeconfig.yaml"])
      expect(files[`${APP}/${path}`], path).toBeUndefined();
    expect(files["kubernetes/bootstrap/flux-more.yaml"]).toBeUndefined();
    expect(yamlOf(files, `${APP}/kustomization.yaml`)[0]).toEqual({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: ["./rule.yaml"],
    });
    expect(files[`${REPOS}/community.yaml`]).toBeUndefined();
    expect(yamlOf(files, `${REPOS}/kustomization.yaml`)[0].resources).toEqual(["./other.yaml"]);
    const releases = yamlOf(files, HELMFILE)[0].releases.map(({ name }: { name: string }) => name);
    expect(releases).toEqual(["cilium", "flux-operator", "flux-instance"]);
    const cleaned = migrate(files, { phase: "cleanup" });
    expect(Object.keys(cleaned.files).filter((path) => cleaned.files[path]?.includes("flux2"))).toEqual([]);
  });

  test("a lost value is said where it is lost, with the line of the values file", () => {
    const lost = cutOver(chart()).findings.filter(({ rule }) => rule === "chart-value-lost");
    expect(lost.map(({ at }) => `${at?.file}:${at?.line}`)).toEqual([`${APP}/helm-values.yaml:8`]);
  });

  test("a ConfigMap of values that nothing else names, and no other", () => {
    const map = `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flux-more\n  namespace: flux-system\ndata:\n  values.yaml: |\n    logLevel: debug\n`;
    const files = chart();
    files[`${APP}/helmrelease.yaml`] += `    - kind: ConfigMap\n      name: flux-more\n${map}`;
    expect(cutOver(files).files[`${APP}/helmrelease.yaml`]).toBeUndefined();
    const pod =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: reader\nspec:\n  volumes:\n    - configMap: { name: flux-more }\n";
    const kept = cutOver({ ...files, [`${APP}/rule.yaml`]: `${files[`${APP}/rule.yaml`]}---\n${pod}` });
    const read = cutOver({ ...files, "show.sh": "kubectl -n flux-system get configmap flux-more\n" });
    for (const { files: left } of [kept, read])
      expect(yamlOf(left, `${APP}/helmrelease.yaml`).map(({ kind }) => kind)).toEqual(["ConfigMap"]);
  });

  test("of two clusters that have a repository and a map of the same names, each loses its own", () => {
    const map = `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flux-more\n  namespace: flux-system\ndata:\n  values.yaml: |\n    logLevel: debug\n`;
    const one = chart();
    one[`${APP}/helmrelease.yaml`] += `    - kind: ConfigMap\n      name: flux-more\n${map}`;
    const second = (text: string) => text.replaceAll("kubernetes/", "second/");
    const two = Object.fromEntries(Object.entries(one).map(([path, text]) => [second(path), second(text!)]));
    const files = { ...one, ...two };
    const { files: cut } = cutOver(files);
    for (const path of [`${APP}/helmrelease.yaml`, `${REPOS}/community.yaml`])
      expect([path, cut[path], cut[second(path)]]).toEqual([path, undefined, undefined]);
    const { files: alone } = run(migrate(files).files, { phase: "cutover", clusters: ["kubernetes"] });
    expect(alone[`${REPOS}/community.yaml`]).toBeUndefined();
    expect(alone[second(`${REPOS}/community.yaml`)]).toBe(two[second(`${REPOS}/community.yaml`)]);
  });

  test("a repository that is all there is in a folder which a Kustomization builds stays", () => {
    const { [`${REPOS}/kustomization.yaml`]: _, [`${REPOS}/other.yaml`]: __, ...files } = chart();
    const alone = cutOver(files);
    expect([blocked(alone), alone.files[`${REPOS}/community.yaml`]]).toEqual([[], files[`${REPOS}/community.yaml`]]);
    const beside = cutOver({ ...files, [`${REPOS}/README.md`]: "Charts.\n" });
    expect([blocked(beside), beside.files[`${REPOS}/community.yaml`]]).toEqual([[], undefined]);
  });

  test("what anything else reads stays", () => {
    const shared = chart();
    shared[`${APP}/helmrelease.yaml`] += release("more", "flux2-more", "flux-values");
    const { files } = cutOver(shared);
    const kept = yamlOf(files, `${APP}/kustomization.yaml`)[0];
    expect(kept.configMapGenerator).toHaveLength(1);
    expect(kept.configurations).toHaveLength(1);
    expect(kept.generatorOptions).toBeDefined();
    expect(files[`${APP}/helm-values.yaml`]).toBeDefined();
    expect(files[`${REPOS}/community.yaml`]).toBeDefined();
    expect(yamlOf(files, `${APP}/helmrelease.yaml`)).toHaveLength(1);
  });

  test.each(["app.cue", "app.jsonnet", "app.libsonnet"])("a repository that %s names stays", (path) => {
    const { files } = cutOver({ ...chart(), [path]: '{ sourceRef: { name: "fluxcd-community" } }\n' });
    expect(files[`${REPOS}/community.yaml`]).toBeDefined();
  });

  test.each([
    [
      "Taskfile.yaml",
      "tasks:\n  a:\n    cmd: helm install x -f kubernetes/apps/flux-system/flux/app/helm-values.yaml\n",
    ],
    ["scripts/a.sh", 'helm install x -f "$' + '{DIR}/flux/app/helm-values.yaml"\n'],
    ["Justfile", "flux:\n    helm install x -f {{ dir }}/helm-values.yaml\n"],
    ["kubernetes/bootstrap/other.yaml", "values: [../apps/flux-system/flux/app/helm-values.yaml]\n"],
  ])("a values file that %s reads stays", (path, text) => {
    const { files } = cutOver({ ...chart(), [path]: text });
    expect(files[`${APP}/helm-values.yaml`]).toBeDefined();
    expect(files[`${APP}/kustomizeconfig.yaml`]).toBeUndefined();
  });

  test("another generator keeps the name references, and a file of the same name elsewhere keeps nothing", () => {
    const more = change(
      chart(),
      `${APP}/kustomization.yaml`,
      "configMapGenerator:\n",
      "configMapGenerator:\n  - name: more\n    literals: [a=b]\n",
    );
    const { files } = cutOver({ ...more, "x/helm-values.yaml": "a: 1\n", "x/note.yaml": "file: helm-values.yaml\n" });
    const kept = yamlOf(files, `${APP}/kustomization.yaml`)[0];
    expect(kept.configMapGenerator.map(({ name }: { name: string }) => name)).toEqual(["more"]);
    expect(kept.configurations).toHaveLength(1);
    expect(files[`${APP}/kustomizeconfig.yaml`]).toBeDefined();
    expect(files[`${APP}/helm-values.yaml`]).toBeUndefined();
  });

  test("what another kustomization generates under that name keeps nothing, where a hash tells them apart", () => {
    const files = change(chart(), `${APP}/kustomization.yaml`, "  - name: flux-values", "  - name: values");
    const plain = change(files, `${APP}/kustomization.yaml`, "disableNameSuffixHash: true", "labels: { a: b }");
    const more = `${APPS}/more/app`;
    const named = {
      [`${APP}/helmrelease.yaml`]: release("flux", "flux2", "values"),
      [`${APPS}/more/ks.yaml`]: fluxKustomization("more", more, "  targetNamespace: flux-system\n"),
      [`${APPS}/kustomization.yaml`]: `${files[`${APPS}/kustomization.yaml`]}  - ./more/ks.yaml\n`,
      [`${more}/helmrelease.yaml`]: release("more", "more", "values"),
      [`${more}/kustomizeconfig.yaml`]: files[`${APP}/kustomizeconfig.yaml`]!,
    };
    const own = `${list("./helmrelease.yaml")}configurations: [./kustomizeconfig.yaml]\nconfigMapGenerator:\n  - name: values\n    literals: [a=b]\n`;
    const left = (old: Files, kustomization: string) => {
      const result = cutOver({ ...old, ...named, [`${more}/kustomization.yaml`]: kustomization });
      expect(blocked(result)).toEqual([]);
      return yamlOf(result.files, `${APP}/kustomization.yaml`)[0];
    };
    expect(left(plain, own)).not.toHaveProperty("configMapGenerator");
    expect(left(plain, own)).not.toHaveProperty("configurations");
    // What is not hashed may be meant by its plain name.
    expect(left(files, own).configMapGenerator).toHaveLength(1);
    expect(left(plain, own.replace("name: values", "name: others")).configMapGenerator).toHaveLength(1);
  });

  test("a helmfile that is a template is said at cutover, and what it reads of the release by name stays", () => {
    const files = change(chart(), HELMFILE, "version: 1.18.1", 'version: {{ env "CILIUM" }}');
    const templated = change(files, HELMFILE, "../apps/flux-system/flux/app/helm-values.yaml", "./values.gotmpl");
    templated["kubernetes/bootstrap/values.gotmpl"] =
      '{{ readFile (printf "../apps/%s/%s/app/helm-values.yaml" .Release.Namespace .Release.Name) }}\n';
    const result = cutOver(templated);
    expect(result.findings.map(({ rule }) => rule)).toContain("helmfile-by-hand");
    expect(result.files[`${APP}/helm-values.yaml`]).toBeDefined();
    expect(result.files[`${APP}/helmrelease.yaml`]).toBeUndefined();
  });
});

describe("an empty cluster is still built after each phase", () => {
  const SYNC = "--selector name=flux-operator --selector name=flux-instance sync";
  const SCRIPT = `#!/bin/sh
DIR="$(dirname "$0")/kubernetes"
up() {
  kubectl apply -f "$DIR/apps/flux-system/flux/app/helmrelease.yaml"
  kubectl apply -f "$DIR/flux/config/cluster.yaml"
}
again() {
  kubectl apply -f "$DIR/flux/config/cluster.yaml"
}
`;
  const recipe = "up:\n    kubectl apply -f kubernetes/apps/flux-system/flux/app/helmrelease.yaml\n";

  test("cutover rewrites what applies the release, cleanup drops what the lines around it do by then", () => {
    const { files } = cutOver({ ...chart(), "up.sh": SCRIPT, Justfile: recipe });
    const [own] = files["up.sh"]!.split("\n").filter((line) => line.includes("helmfile"));
    expect(own).toBe(`  helmfile --file "$DIR/bootstrap/helmfile.yaml" ${SYNC}`);
    expect(files.Justfile).toBe(`up:\n    helmfile --file ${HELMFILE} ${SYNC}\n`);
    const cleaned = migrate(files, { phase: "cleanup" }).files["up.sh"]!;
    expect(cleaned).not.toContain("cluster.yaml");
    expect(
      cleaned
        .split("up() {")[1]!
        .split("}")[0]!
        .match(/helmfile/g),
    ).toHaveLength(2);
    expect(cleaned.split("again() {")[1]).toContain(SYNC);
  });

  test("without a helmfile cutover installs both charts in the place of the old release", () => {
    const { [HELMFILE]: _, ...files } = chart();
    const { findings, files: after } = cutOver({ ...files, "up.sh": SCRIPT });
    expect(findings.filter(({ rule }) => rule === "automation-applies-removed")).toEqual([]);
    const [up = "", again] = after["up.sh"]!.split("again() {");
    expect([...up.matchAll(/helm upgrade --install (\S+) oci:/g)].map(([, name]) => name)).toEqual([
      "flux-operator",
      "flux-instance",
    ]);
    expect(up).not.toContain("helmrelease.yaml");
    expect(again).toBe(SCRIPT.split("again() {")[1]);
  });

  test("an install of the old chart by command gets the command that takes its place", () => {
    const script = "helm upgrade --install flux oci://ghcr.io/fluxcd-community/charts/flux2\n";
    const { files } = cutOver({ ...chart(), "up.sh": script });
    const found = migrate(files, { phase: "cleanup" }).findings.find(({ rule }) => rule === "automation-installs-flux");
    expect(found?.next).toBe(
      `Run instead, in this very place and from the top of a checkout of this repository: helmfile --file ${HELMFILE} ${SYNC}`,
    );
  });
});

test("a copy of the chart in a repository is no chart that a FluxInstance can be made of", () => {
  const git = "kind: GitRepository\n        name: home";
  const copied = change(
    chart(),
    `${APP}/helmrelease.yaml`,
    "kind: HelmRepository\n        name: fluxcd-community",
    git,
  );
  const files = change(copied, `${APP}/helmrelease.yaml`, "chart: flux2", "chart: ./charts/flux2");
  const stops = run(files).findings.filter(({ level }) => level === "blocker");
  expect(stops).toMatchObject([{ rule: "chart-copied", at: { file: `${APP}/helmrelease.yaml` } }]);
  expect(stops[0]?.what).toContain("lies in GitRepository home, at ./charts/flux2");
  const named = (path: string) => change(copied, `${APP}/helmrelease.yaml`, "chart: flux2", `chart: ${path}`);
  for (const renamed of [
    named("./vendor/flux2-2.14.1"),
    named("./vendor/flux2-${CHART}"),
    { ...named("./vendor/gitops"), "vendor/gitops/Chart.yaml": "apiVersion: v2\nname: flux2\nversion: 2.14.1\n" },
  ])
    expect(run(renamed).findings.filter(({ level }) => level === "blocker")).toMatchObject([{ rule: "chart-copied" }]);
  expect(run(named("./vendor/flux2-sync")).findings.map(({ rule }) => rule)).not.toContain("chart-copied");
  const url = "url: https://github.com/fluxcd-community/helm-charts.git";
  const published = `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: charts\n  namespace: flux-system\nspec:\n  ${url}\n`;
  const original = {
    ...change(files, `${APP}/helmrelease.yaml`, git, git.replace("home", "charts")),
    [`${REPOS}/other.yaml`]: published,
  };
  expect(run(original).findings.map(({ rule }) => rule)).not.toContain("chart-copied");
});

test("releases of the community charts in Terraform are told at cutover, not after it", () => {
  const block = (name: string, chart: string) =>
    `resource "helm_release" "${name}" {\n  name       = "${name}"\n  repository = "https://fluxcd-community.github.io/helm-charts"\n  chart      = "${chart}"\n}\n`;
  const files = { ...chart(), "terraform/flux.tf": block("flux", "flux2") + block("sync", "flux2-sync") };
  const { findings } = cutOver(files);
  const told = findings.filter(({ at }) => at?.file === "terraform/flux.tf").map(({ rule }) => rule);
  expect(told).toEqual(["automation-installs-flux", "automation-installs-flux"]);
});
