import { describe, expect, test } from "vitest";
import { spliceRanges } from "../../src/files/edits.ts";
import { readYaml } from "../../src/yaml/read.ts";
import mentions from "../../transforms/automation-mentions/index.ts";
import transform from "../../transforms/bootstrap-helmfile/index.ts";
import { findReleaseItems, findScalar, learnNeeds, writeReleases } from "../../transforms/bootstrap-helmfile/text.ts";
import { clusterFiles, contextOf, type Files, HELMFILE, runTransform } from "./support.ts";

const GOTMPL =
  '{{ (fromYaml (readFile (printf "../../../apps/%s/%s/app/helmrelease.yaml" .Release.Namespace .Release.Name))).spec.values | toYaml }}\n';
const PATH = "kubernetes/bootstrap/helmfile.d/01-apps.yaml";
const TEMPLATE = "kubernetes/bootstrap/helmfile.d/templates/values.yaml.gotmpl";

/** As with `--bootstrap helmfile`. */
const asking = (files: Files, cluster?: string) => contextOf(files, cluster, { rebuild: "helmfile" });

describe("where no helmfile is used", () => {
  const RELEASE = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";

  function commandsFor(files: Files): readonly string[] {
    const { edits, findings } = transform.run(contextOf(files));
    expect(edits).toEqual([]);
    return findings.flatMap((finding) =>
      "facts" in finding && finding.rule === "rebuild-by-hand" ? finding.facts.commands : [],
    );
  }

  test("reads version and values from the files of the apps", () => {
    const [operator, instance] = commandsFor(clusterFiles("kubernetes"));
    expect(operator).not.toContain("--values");
    expect(operator).toContain("--version $(yq -r .spec.ref.tag kubernetes/");
    expect(instance).toMatch(/^yq \.spec\.values kubernetes\/\S+ \| helm upgrade --install flux-instance oci:/);
    expect(instance).toMatch(/--values -$/);
  });

  test("asks the one document of a file that is meant", () => {
    const files = clusterFiles("kubernetes");
    files[RELEASE] = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first\n---\n${files[RELEASE]}`;
    expect(commandsFor(files)[1]).toContain(`yq 'select(.kind == "HelmRelease") | .spec.values' ${RELEASE}`);
  });

  test("gives no version where the app leaves it open", () => {
    const files = clusterFiles("kubernetes");
    const path = "kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml";
    files[path] = files[path]!.replace("tag: 0.58.0", 'semver: ">=0.50.0 <1.0.0"');
    expect(commandsFor(files)[0]).not.toContain("--version");
  });

  test("leaves the ServiceMonitor to Flux", () => {
    const files = clusterFiles("kubernetes", { operatorValues: "    serviceMonitor:\n      create: true\n" });
    expect(commandsFor(files)[0]).toContain("--set serviceMonitor.create=false");
  });
});

describe("bootstrap-helmfile", () => {
  test("leaves out values of an app that has none, because helmfile fails on a missing key", () => {
    const { texts } = runTransform(transform, asking(clusterFiles("kubernetes")));
    const parsed = readYaml(texts[PATH]!);
    const releases = parsed.ok ? (parsed.docs[0]!.data as { releases: Record<string, unknown>[] }).releases : [];
    expect(releases.map(({ name, values, needs }) => ({ name, values, needs }))).toEqual([
      { name: "flux-operator", values: undefined, needs: undefined },
      { name: "flux-instance", values: ["./templates/values.yaml.gotmpl"], needs: ["flux-system/flux-operator"] },
    ]);
    expect(texts[TEMPLATE]).toBe(GOTMPL);
  });

  test("puts the helmfile of one of several clusters into that cluster's bootstrap folder", () => {
    const files = { ...clusterFiles("kubernetes/main"), ...clusterFiles("kubernetes/edge") };
    const { texts } = runTransform(transform, asking(files, "edge"));
    expect(Object.keys(texts)).toEqual([
      "kubernetes/edge/bootstrap/helmfile.d/01-apps.yaml",
      "kubernetes/edge/bootstrap/helmfile.d/templates/values.yaml.gotmpl",
    ]);
    expect(Object.values(texts)[1]).toContain('"../../../apps/%s/%s/app/helmrelease.yaml"');
  });

  test("does not touch a helmfile that several clusters could claim", () => {
    const files = {
      ...clusterFiles("kubernetes/main"),
      ...clusterFiles("kubernetes/edge"),
      "helmfile.yaml": "releases:\n  - name: cilium\n    chart: x/cilium\n",
    };
    const { texts, rules } = runTransform(transform, asking(files, "main"));
    expect([texts, rules]).toEqual([{}, ["helmfile-ambiguous"]]);
  });

  test.each([
    ["0.58.0", []],
    ["0.32.0", ["helmfile-ambiguous"]],
  ])(
    "asks nothing of one for several clusters that installs both charts in the version of the apps: %s",
    (version, rules) => {
      const entry = (chart: string) =>
        `  - name: ${chart}\n    chart: oci://ghcr.io/controlplaneio-fluxcd/charts/${chart}\n    version: ${version}\n    values: [{{ .Environment.Name }}.yaml]\n`;
      const files = {
        ...clusterFiles("kubernetes/main"),
        ...clusterFiles("kubernetes/edge"),
        "helmfile.yaml.gotmpl": `releases:\n${entry("flux-operator")}${entry("flux-instance")}`,
      };
      expect(runTransform(transform, asking(files, "main")).rules).toEqual(rules);
    },
  );

  test("writes an own template beside one that reads something else", () => {
    const files: Files = { ...clusterFiles("kubernetes"), [TEMPLATE]: "{{ .Values | toYaml }}\n" };
    files[PATH] =
      "releases:\n  - name: cilium\n    namespace: kube-system\n    chart: oci://registry.example/cilium\n    values:\n      - ./templates/values.yaml.gotmpl\n";
    const { texts } = runTransform(transform, asking(files));
    expect(texts["kubernetes/bootstrap/helmfile.d/templates/flux-values.yaml.gotmpl"]).toBe(GOTMPL);
    expect(texts[PATH]).toContain("- ./templates/flux-values.yaml.gotmpl");
  });

  test("reads a HelmRelease that is not the first document of its file by its kind", () => {
    const files = clusterFiles("kubernetes");
    const path = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";
    files[path] = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: first\n---\n${files[path]}`;
    const { texts } = runTransform(transform, asking(files));
    expect(texts[TEMPLATE]).toBe(`{{- if eq .Release.Name "flux-instance" }}
{{- range splitList "\\n---" (readFile "../../../apps/flux-system/flux-instance/app/helmrelease.yaml") }}
{{- $doc := fromYaml . }}
{{- if eq (dig "kind" "" $doc) "HelmRelease" }}
{{ $doc.spec.values | toYaml }}
{{- end }}
{{- end }}
{{- end }}
`);
  });

  test("says nothing of variables where nothing is substituted", () => {
    const files = clusterFiles("kubernetes", { instanceValues: '    commonLabels:\n      note: "$${A} ${B}"\n' });
    const { texts, rules } = runTransform(transform, asking(files));
    expect(rules).toEqual(["helmfile-created"]);
    expect(texts[TEMPLATE]).toBe(GOTMPL);
  });

  test("keeps out of a folder that a FluxKustomization builds recursively", () => {
    const files = clusterFiles("kubernetes");
    const cluster = "kubernetes/flux/config/cluster.yaml";
    files["Taskfile.yaml"] = "tasks:\n  up: kubectl apply -k kubernetes/flux/config\n";
    const instance = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";
    for (const path of [cluster, instance]) files[path] = files[path]!.replace("path: ./kubernetes/flux", "path: ./");
    const { texts, rules } = runTransform(transform, asking(files));
    expect([texts, rules]).toEqual([{}, ["helmfile-not-possible"]]);
  });

  test("does not pin what the app leaves open", () => {
    const files = clusterFiles("kubernetes");
    const path = "kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml";
    files[path] = files[path]!.replace("tag: 0.58.0", 'semver: ">=0.50"');
    const { texts, rules } = runTransform(transform, asking(files));
    expect([texts, rules]).toEqual([{}, ["helmfile-not-possible"]]);
  });

  test("reports entries whose name, values or order differ and leaves them", () => {
    const files = {
      ...clusterFiles("kubernetes"),
      [TEMPLATE]: GOTMPL,
      [PATH]: HELMFILE.replace("name: flux-operator\n", "name: operator\n").replace(/ {4}values:[\s\S]*/, ""),
    };
    const { texts, rules } = runTransform(transform, asking(files));
    expect(texts).toEqual({});
    expect(rules).toEqual(["helmfile-release-name", "helmfile-values-differ", "helmfile-order"]);
  });

  test("aligns only the version of the release, not one nested in its values", () => {
    const entry = HELMFILE.replace(
      "    version: 0.58.0\n",
      "    set:\n      - name: a\n        version: 9.9.9\n    version: '0.40.0' # pinned\n",
    );
    const files = { ...clusterFiles("kubernetes"), [TEMPLATE]: GOTMPL, [PATH]: entry };
    const { texts } = runTransform(transform, asking(files));
    expect(texts).toEqual({ [PATH]: entry.replace("'0.40.0'", "'0.58.0'") });
  });

  test("aligns a helmfile whose templates stand in quotes, as any other", () => {
    const entry = HELMFILE.replace("version: 0.58.0\n", "version: 0.40.0\n").replaceAll(
      "- ./templates/",
      `- '{{ requiredEnv "TOP" }}/helmfile.d/templates/`,
    );
    const quoted = entry.replaceAll(/(TOP" }}.*)$/gm, "$1'");
    const files = { ...clusterFiles("kubernetes"), [TEMPLATE]: GOTMPL, [PATH]: quoted };
    const { texts, rules } = runTransform(transform, asking(files));
    expect([texts, rules]).toEqual([{ [PATH]: quoted.replace("0.40.0", "0.58.0") }, []]);
  });

  test.each([
    ["    condition: flux.enabled\n    labels:\n      tier: core\n", "condition and labels"],
    ["    hooks:\n      - events: [presync]\n        command: sh\n        args: [-c, ./make-key.sh]\n", "hooks"],
    [
      "    hooks:\n      - events: [postsync]\n        command: kubectl\n        args: [apply, -f, ../../flux/config/cluster.yaml]\n",
      undefined,
    ],
    ["    wait: true\n    createNamespace: true\n    timeout: 600\n", undefined],
  ])("names what the entry of the old chart had besides: %j", (fields, said) => {
    const text = `releases:\n  - name: flux\n    namespace: flux-system\n    chart: community/flux2\n    version: 1.0.0\n${fields}`;
    const files = { ...clusterFiles("kubernetes"), [TEMPLATE]: GOTMPL, [PATH]: text };
    const { findings } = runTransform(transform, asking(files));
    const lost = findings.find(({ rule }) => rule === "helmfile-entry-lost");
    if (said === undefined) expect(lost).toBeUndefined();
    else expect([lost?.at?.line, lost?.what]).toEqual([2, expect.stringContaining(`which do not have its ${said}.`)]);
  });

  test.each(["    needs: {a: b}\n", "    needs: [5]\n", "  - null\n", "    needs: text\n    values: {a: b}\n"])(
    "takes the place of the old chart beside what helmfile would refuse: %j",
    (rest) => {
      const text = `releases:\n  - name: flux\n    namespace: flux-system\n    chart: community/flux2\n    version: 1.0.0\n${rest}`;
      const files = { ...clusterFiles("kubernetes"), [TEMPLATE]: GOTMPL, [PATH]: text };
      expect(runTransform(transform, asking(files)).texts[PATH]).toContain("name: flux-operator\n");
    },
  );

  describe("the repository of the old chart", () => {
    const release = (name: string, chart: string) =>
      `  - name: ${name}\n    namespace: ${name}\n    chart: ${chart}\n    version: 1.0.0\n`;
    const repository = (name: string) => `  - name: ${name}\n    url: https://${name}.example.org\n`;
    const write = (repositories: string, releases: string, more: Files = {}) => {
      const text = `repositories:\n${repositories}\nreleases:\n${releases}${release("flux", "community/flux2")}`;
      const files = { ...clusterFiles("kubernetes"), [TEMPLATE]: GOTMPL, [PATH]: text, ...more };
      return runTransform(transform, asking(files)).texts[PATH]!;
    };

    test("goes with it", () => {
      expect(write(repository("community"), "")).toMatch(/^releases:\n {2}- name: flux-operator\n/);
      const two = write(`${repository("cilium")}${repository("community")}`, release("cilium", "cilium/cilium"));
      expect(two).toMatch(/^repositories:\n {2}- name: cilium\n {4}url: .*\n\nreleases:\n {2}- name: cilium\n/);
      expect(two).not.toContain("community");
    });

    test("stays where another release, or another file, has a chart of it", () => {
      const kept = "repositories:\n  - name: community\n";
      expect(write(repository("community"), release("other", "community/other"))).toContain(kept);
      const other = { "helmfile.d/apps.yaml": `releases:\n${release("other", "community/other")}` };
      expect(write(repository("community"), "", other)).toContain(kept);
    });
  });

  test("has the text for the place of the old chart, and what becomes of those that wait for it", () => {
    const release = (name: string, needs: string) =>
      `  - name: ${name}\n    namespace: flux-system\n    chart: community/${name}\n    version: 1.0.0\n    needs: [${needs}]\n`;
    const text = `releases:\n${release("flux2", "kube-system/cilium")}${["flux2-sync", "apps"].map((name) => release(name, "flux-system/flux2")).join("")}`;
    const { texts, findings } = runTransform(transform, asking({ ...clusterFiles("kubernetes"), [PATH]: text }));
    expect(texts).toEqual({});
    expect(findings.map(({ rule }) => rule)).toEqual(["helmfile-by-hand"]);
    const [{ what, next }] = findings as [(typeof findings)[number]];
    expect(what).toContain("because flux-system/flux2-sync, flux-system/apps wait for its release of the flux2 chart.");
    expect(next).toContain("Take flux-system/flux2-sync out where it makes source and root of this cluster");
    expect(next).toContain("Let flux-system/apps need flux-system/flux-instance instead.");
    expect(next).toMatch(/They read kubernetes\/bootstrap\/\S*\.gotmpl, which is to hold:\n\{\{ /);
    expect(next).toMatch(
      /in the place of its release of the flux2 chart \(line 4\)[\s\S]*flux-operator[\s\S]*kube-system\/cilium[\s\S]*flux-instance/,
    );
  });

  test("alone tells of the old chart in a helmfile, where no command can be run in its place", () => {
    const text =
      "releases:\n  - name: flux2\n    namespace: flux-system\n    chart: fluxcd-community/flux2\n    version: 1.0.0\n";
    const rulesIn = (path: string) =>
      runTransform(mentions, asking({ ...clusterFiles("kubernetes"), [path]: text })).findings.filter(
        ({ rule, at }) => rule === "automation-installs-flux" && at?.file === path,
      ).length;
    expect([rulesIn(PATH), rulesIn("scripts/releases.yaml")]).toEqual([0, 1]);
  });

  test("says where the release of the old chart stands in a template", () => {
    const old =
      "releases:\n{{ range $x := list 1 }}\n  - name: flux\n    chart: oci://ghcr.io/fluxcd-community/charts/flux2\n    version: 2.14.1\n{{ end }}\n";
    const { texts, findings } = runTransform(transform, asking({ ...clusterFiles("kubernetes"), [PATH]: old }));
    expect(texts).toEqual({});
    expect(findings.map(({ rule, at, next }) => [rule, at?.line, next])).toEqual([
      ["helmfile-by-hand", 4, expect.stringContaining("in the place of its release of the flux2 chart (line 4)")],
    ]);
  });

  test("asks for a ServiceMonitor CRD that nothing installs", () => {
    const files = clusterFiles("kubernetes", { operatorValues: "    serviceMonitor:\n      create: true\n" });
    expect(runTransform(transform, asking(files)).rules).toContain("helmfile-missing-crd");
    files["Taskfile.yaml"] =
      "tasks:\n  crds: kubectl apply -f https://example.org/monitoring.coreos.com_servicemonitors.yaml\n";
    expect(runTransform(transform, asking(files)).rules).toEqual(["helmfile-created"]);
  });
});

describe("releases as text", () => {
  test("finds items at any indent and stops at the next key", () => {
    const text =
      "releases:\n- name: a\n  values:\n  - x: 1\n    y: 2\n\n# note\n- name: b\nhelmDefaults:\n  args:\n  - --x\n";
    expect(findReleaseItems(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      "- name: a\n  values:\n  - x: 1\n    y: 2\n",
      "- name: b\n",
    ]);
  });

  test("appends in CRLF and without a final line break", () => {
    const text = "releases:\r\n  - name: a\r\n    values:\r\n    - b";
    const entry = { name: "op", namespace: "s", chart: "c", version: "1.0.0", values: ["v"], needs: [] };
    const after = spliceRanges(text, [writeReleases(text, [entry])!], "x");
    expect(after).toBe(
      `${text}\r\n\r\n  - name: op\r\n    namespace: s\r\n    chart: c\r\n    version: 1.0.0\r\n    values:\r\n    - v`,
    );
    expect(readYaml(after).ok).toBe(true);
  });

  test("does not take a nested field for the release's own", () => {
    const text = "releases:\n  - name: a\n    values:\n      - version: 1\n";
    expect(findScalar(text, findReleaseItems(text)[0]!, "version")).toBeUndefined();
  });

  test.each([
    { name: "none", releases: [{ name: "a" }, { name: "b" }], needs: [] },
    {
      name: "the last",
      releases: [
        { name: "a", namespace: "x" },
        { name: "b", namespace: "y", needs: ["x/a"] },
      ],
      needs: ["y/b"],
    },
    {
      name: "all",
      releases: [
        { name: "a", namespace: "x" },
        { name: "b", namespace: "x", needs: ["a"] },
        { name: "c", namespace: "x", needs: ["a", "b"] },
      ],
      needs: ["x/a", "x/b", "x/c"],
    },
    {
      name: "the last that is always installed",
      releases: [
        { name: "a", namespace: "x" },
        { name: "b", namespace: "x", needs: ["a"] },
        { name: "c", condition: "c.on", needs: ["b"] },
      ],
      needs: ["x/b"],
    },
  ])("learns to need $name", ({ releases, needs }) => {
    expect(learnNeeds(releases)).toEqual(needs);
  });
});

describe("the folder of a new helmfile", () => {
  const created = (files: Files) => Object.keys(runTransform(transform, asking(files)).texts)[0];

  test("is the one that is called bootstrap, the uppermost of several, and none of an archive or of what Flux delivers", () => {
    const own = Object.fromEntries(
      Object.entries(clusterFiles("kubernetes")).map(([path, text]) => [path.replace("/bootstrap/", "/start/"), text]),
    );
    expect(created(own)).toBe("bootstrap/helmfile.d/01-apps.yaml");
    expect(created({ ...own, "infra/bootstrap/talos/a.txt": "a\n" })).toBe("infra/bootstrap/helmfile.d/01-apps.yaml");
    const two = { ...own, "infra/x/bootstrap/a.txt": "a\n", "talos/bootstrap/b.txt": "b\n" };
    expect(created(two)).toBe("talos/bootstrap/helmfile.d/01-apps.yaml");
    expect(created({ ...own, "archive/bootstrap/a.txt": "a\n" })).toBe("bootstrap/helmfile.d/01-apps.yaml");
  });
});
