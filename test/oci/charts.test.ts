import { describe, expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { Options } from "../../src/contract/options.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { formatCommand } from "../../src/report/format-command.ts";
import { yaml } from "../../src/yaml/text.ts";
import { placeComments, readChartComments } from "../../transforms/charts-to-oci/comments.ts";
import { parseMirrors } from "../../transforms/charts-to-oci/mirrors.ts";
import { chartRefOf, chartSource } from "../../transforms/charts-to-oci/source.ts";
import { inputOf } from "../support/fixtures.ts";
import { makeRepo } from "../support/repo.ts";

const MOVES = inputOf("charts-to-oci/moves-charts-with-all-they-say");

async function plan(root: string, changes: Partial<Options>) {
  const options = {
    ...{ phase: "prepare", sync: "adopt", clusters: [], direct: false, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto" },
    ...changes,
  } as Options;
  return makeOciPlan(await openWorkspace(root), options);
}

describe("version of a chart", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  test.each([
    ["1.2.3", { tag: "1.2.3" }],
    ["v1.2.3-rc.1", { tag: "v1.2.3-rc.1" }],
    ["1.2.3+build.7", { tag: "1.2.3_build.7" }],
    [`1.2.3@${digest}`, { tag: "1.2.3", digest }],
    ["1.2", { semver: "1.2" }],
    [">=1.0.0-0", { semver: ">=1.0.0-0" }],
    ["*", { semver: "*" }],
    [undefined, { semver: "*" }],
  ])("%s", (version, ref) => {
    expect(chartRefOf(version)).toEqual(ref);
  });

  test("is never guessed from a number", () => {
    expect(chartRefOf(1.2)).toBeUndefined();
  });
});

describe("source of a chart", () => {
  const chart = { spec: { chart: "echo", version: "1.2.3", sourceRef: { kind: "HelmRepository", name: "x" } } };
  const registry = { type: "oci", url: "oci://registry.example.com/charts" };

  test("carries login, TLS, provider and verification", () => {
    const verify = { provider: "cosign", secretRef: { name: "key" } };
    const source = chartSource({ ...chart, spec: { ...chart.spec, verify } }, "30m", {
      ...registry,
      ...{ provider: "aws", insecure: true, timeout: "3m", secretRef: { name: "a" }, certSecretRef: { name: "b" } },
    });
    expect(source).toMatchObject({
      hasSecrets: true,
      spec: {
        ...{ interval: "30m", provider: "aws", insecure: true, timeout: "3m", verify },
        ...{ secretRef: { name: "a" }, certSecretRef: { name: "b" }, url: "oci://registry.example.com/charts/echo" },
      },
    });
  });

  test.each([
    [{ ...chart, spec: { ...chart.spec, future: true } }, registry, /no field for future/],
    [chart, { ...registry, future: true }, /no field for future/],
    [chart, { url: "https://charts.example.com" }, /not known to publish/],
    [chart, { ...registry, url: "oci://${REGISTRY}/charts" }, /substitution/],
    [{ spec: { ...chart.spec, version: "latest" } }, registry, /neither a version nor a range/],
    [{ spec: { ...chart.spec, version: "main" } }, registry, /neither a version nor a range/],
    [{ spec: { ...chart.spec, valuesFiles: ["values.yaml", "prod.yaml"] } }, registry, /values files/],
  ])("stays rather than lose something: %j %j", (from, repository, why) => {
    expect(chartSource(from, "1h", repository)).toMatchObject({ stays: expect.stringMatching(why) });
  });

  test.each(["1.x", "x", "*", ">=1 <2", "~1.2.0", "^v1", "1.2 - 1.4", ">= 1.2 || 3.*", "1"])(
    "%s is a range",
    (version) => {
      const source = chartSource({ spec: { ...chart.spec, version } }, "1h", registry);
      expect(source).toMatchObject({ spec: { ref: { semver: version } } });
    },
  );

  test("a path, slashes at the end and a chart of several words make one address", () => {
    const source = chartSource({ spec: { ...chart.spec, chart: "team/echo" } }, "1h", {
      ...registry,
      url: "oci://registry.example.com:5000/deep/charts//",
    });
    expect(source).toMatchObject({ spec: { url: "oci://registry.example.com:5000/deep/charts/team/echo" } });
  });

  test("an owner's table wins over the known one, and a slash at the end does not matter", () => {
    const row = {
      repository: "https://prometheus-community.github.io/helm-charts/",
      oci: "oci://mirror.example.com/c/",
    };
    const repository = { url: "https://prometheus-community.github.io/helm-charts" };
    expect(chartSource(chart, "1h", repository, [row])).toMatchObject({
      spec: { url: "oci://mirror.example.com/c/echo" },
    });
    expect(chartSource(chart, "1h", repository)).toMatchObject({
      spec: { url: "oci://ghcr.io/prometheus-community/charts/echo" },
    });
  });
});

describe("--chart-mirrors", () => {
  test("takes YAML and JSON", () => {
    const rows = [{ repository: "https://a.example", oci: "oci://b.example/c", charts: ["d"] }];
    expect(parseMirrors(JSON.stringify(rows), "x")).toEqual(rows);
    expect(parseMirrors("- {repository: https://a.example, oci: oci://b.example/c, charts: [d]}\n", "x")).toEqual(rows);
  });

  test.each([
    ["a: b", /no list/],
    ["- {repository: a, oci: oci://b.example/c}", /row 1: repository/],
    ["- {repository: https://a.example, oci: https://b.example/c}", /row 1: oci/],
    ["- {repository: https://a.example, oci: oci://b.example/c, charts: d}", /row 1: charts/],
    ["- [", /1:|2:/],
  ])("refuses %j", (text, why) => {
    expect(() => parseMirrors(text, "mirrors.yaml")).toThrow(why);
  });
});

describe("comments", () => {
  test("stand where the version and the address stand, and a # in a value is none", () => {
    const text = [
      ...["spec:", "  chart:", "    # ours", "    spec:", '      chart: "a#b" # name'],
      ...["      # renovate: x", "      version: '1.2.3 #' # pinned", "  values: {} # not inside"],
    ].join("\n");
    const comments = readChartComments(text, { doc: 0 });
    expect(comments).toEqual({
      version: { above: ["# renovate: x"], behind: "# pinned" },
      others: ["# ours", "# name"],
    });
    expect(placeComments(yaml`spec:\n  ref:\n    tag: 1.2.3\n  url: oci://a/b\n`, comments)).toBe(
      "spec:\n  ref:\n    # renovate: x\n    tag: 1.2.3 # pinned\n  # ours\n  # name\n  url: oci://a/b\n",
    );
  });
});

describe("charts beside the move of the sync", () => {
  test("nothing moves without --charts, and the switch does not ask for it", async () => {
    const root = makeRepo(MOVES, { remote: "https://github.com/example-org/fleet" });
    const changed = composeChanges(await plan(root, {})).map(({ path }) => path);
    expect(changed.filter((path) => path.includes("/default/"))).toEqual([]);
  });

  test("every release that can move does, and nothing else of it changes", async () => {
    const root = makeRepo(MOVES, { remote: "https://github.com/example-org/fleet" });
    const all = await plan(root, { oci: { sign: false, charts: true } });
    const releases = composeChanges(all).filter(({ path }) => path.endsWith("/helmrelease.yaml"));
    expect(releases).toHaveLength(5);
    for (const { after } of releases) expect(after).toMatch(/^ {2}chartRef:(?: # ours)?\n {4}kind: OCIRepository$/m);
    for (const { before, after } of releases) expect(after!.split("\n").at(-2)).toBe(before!.split("\n").at(-2));
  });
});

describe("cleanup", () => {
  test("says without --charts that repositories could go, and repeats the flag for the next phase", async () => {
    const input = inputOf("charts-to-oci/removes-repositories-nobody-reads");
    const root = makeRepo(input, { remote: "https://github.com/example-org/fleet" });
    const left = await plan(root, { phase: "cleanup", direct: true });
    const rules = left.phases.flatMap(({ clusters }) =>
      clusters.flatMap(({ findings }) => findings.map(({ rule }) => rule)),
    );
    expect(rules).toEqual(["chart-repository-kept"]);
    expect(composeChanges(left)).toEqual([]);
    const options = { ...left.options, oci: { sign: false, charts: true, chartMirrors: [] } };
    expect(formatCommand("plan", options, "cleanup")).toContain("--charts --chart-mirrors FILE");
  });
});
