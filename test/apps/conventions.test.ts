import { describe, expect, test } from "vitest";
import { learnFileNames } from "../../transforms/shared/apps/learn-files.ts";
import { learnHeader } from "../../transforms/shared/apps/learn-header.ts";
import { learnNames } from "../../transforms/shared/apps/learn-names.ts";
import { learnVerify } from "../../transforms/shared/apps/learn-verify.ts";
import { listResource } from "../../transforms/shared/apps/listing.ts";
import { inOwnersOrder, learnOrder } from "../../transforms/shared/apps/order.ts";
import { memoryTree } from "../support/memory.ts";

const release = (name: string) => `kind: HelmRelease\nmetadata:\n  name: ${name}\n`;
const source = (name: string) => `kind: OCIRepository\nmetadata:\n  name: ${name}\n`;
const samples = (files: Record<string, string>) => Object.entries(files).map(([file, text]) => ({ file, text }));

describe("names of files", () => {
  test.each([
    [
      "the most frequent of the generic ones",
      { "a/hr.yaml": "a", "b/release.yaml": "b", "c/release.yaml": "c" },
      "release",
    ],
    [
      "never the name of an app",
      { "a/redis.yaml": "redis", "b/postgres.hr.yaml": "x", "c/postgres.hr.yaml": "y" },
      "helmrelease",
    ],
    ["as the owner spells it", { "a/HelmRelease.yml": "a" }, "HelmRelease"],
    ["the default where nothing says more", {}, "helmrelease"],
  ])("%s", (_what, files, wanted) => {
    const found = learnFileNames(samples(files).map(({ file, text }) => ({ file, text: release(text) })));
    expect(found).toMatchObject({ release: wanted, source: "ocirepository" });
  });

  test("sources in the file of the release, where most are", () => {
    const both = (name: string) => `${source(name)}---\n${release(name)}`;
    const files = {
      "a/helmrelease.yaml": both("a"),
      "b/helmrelease.yaml": both("b"),
      "c/helmrelease.yaml": release("c"),
    };
    expect(learnFileNames(samples(files)).source).toBeUndefined();
    const apart = { ...files, "c/repo.yaml": source("c"), "b/repo.yaml": source("b"), "a/repo.yaml": source("a") };
    expect(learnFileNames(samples(apart)).source).toBe("repo");
  });

  test("a source that is no chart's says nothing: flux-manifests, which installs Flux", () => {
    const files = { "a/release.yaml": release("a"), "config/oci.yaml": source("flux-manifests") };
    expect(learnFileNames(samples(files)).source).toBe("ocirepository");
  });

  test("a kind in quotes or with a comment counts; one in a block does not", () => {
    const texts = { "a/hr.yaml": 'kind: "HelmRelease" # x\n', "b/release.yaml": "a: |\n  kind: HelmRelease\n" };
    expect(learnFileNames(samples(texts)).release).toBe("hr");
  });
});

describe("names of FluxKustomizations", () => {
  const named = (...names: [name: string, file: string][]) =>
    names.map(([name, file]) => ({ object: { name, file } })) as unknown as Parameters<typeof learnNames>[0];
  const dir = "apps/flux-system";

  test.each([
    [
      "a prefix that most have",
      [
        ["x-a", "apps/m/a/ks.yaml"],
        ["x-b", "apps/m/b/ks.yaml"],
        ["c", "apps/m/c/ks.yaml"],
      ],
      "x-",
    ],
    [
      "not one that only half have",
      [
        ["x-a", "apps/m/a/ks.yaml"],
        ["b", "apps/m/b/ks.yaml"],
      ],
      "",
    ],
    [
      "the namespace",
      [
        ["m-a", "apps/m/a/ks.yaml"],
        ["n-b", "apps/n/b/ks.yaml"],
      ],
      "flux-system-",
    ],
    [
      "also of an app with parts",
      [
        ["x-a-config", "apps/m/a/ks.yaml"],
        ["x-b", "apps/m/b/ks.yaml"],
      ],
      "x-",
    ],
    [
      "none",
      [
        ["a", "apps/m/a/ks.yaml"],
        ["a-config", "apps/m/a/ks.yaml"],
      ],
      "",
    ],
    ["nothing to learn from", [], ""],
    [
      "names that have nothing to do with folders",
      [
        ["q", "apps/m/a/ks.yaml"],
        ["r", "apps/m/b/ks.yaml"],
      ],
      "",
    ],
  ] as [string, [string, string][], string][])("%s", (_what, names, wanted) => {
    expect(learnNames(named(...names), dir, "cluster").prefix).toBe(wanted);
  });

  test.each<[string, [string, string][], string]>([
    [
      "most have",
      [
        ["redis-sync", "apps/db/redis/ks.yaml"],
        ["plex-sync", "apps/media/plex/ks.yaml"],
        ["echo", "apps/default/echo/ks.yaml"],
      ],
      "-sync",
    ],
    [
      "a second one of each app breaks",
      [
        ["redis", "apps/db/redis/ks.yaml"],
        ["redis-config", "apps/db/redis/ks.yaml"],
      ],
      "",
    ],
    ["only one has", [["redis-sync", "apps/db/redis/ks.yaml"]], ""],
    [
      "is the folder above",
      [
        ["redis-db", "apps/db/redis/ks.yaml"],
        ["mongo-db", "apps/db/mongo/ks.yaml"],
      ],
      "",
    ],
    [
      "a file has in its name",
      [
        ["redis-sync", "apps/redis-sync.yaml"],
        ["plex-sync", "apps/plex-sync.yaml"],
      ],
      "",
    ],
  ])("what stands behind an app: %s", (_, names, wanted) => {
    expect(learnNames(named(...names), undefined, "cluster").suffix).toBe(wanted);
  });
});

describe("order of fields", () => {
  test("the most frequent one, with what only others have behind its neighbour there", () => {
    const most = ["interval", "chart", "values"];
    expect(learnOrder([most, most, ["chart", "install", "values"], ["chart", "interval"]])).toEqual([
      "interval",
      "chart",
      "install",
      "values",
    ]);
  });

  test("one key alone, as in a patch, does not come before the others", () => {
    const [full, patch] = [["interval", "chart"], ["values"]];
    expect(learnOrder([full, patch])).toEqual(full);
    expect(learnOrder([patch, patch, full])).toEqual(full);
    expect(learnOrder([patch])).toEqual([]);
  });

  test("what the owner never writes stands behind all that comes before it by default", () => {
    const map = { interval: 1, path: 2, prune: 3, sourceRef: 4, timeout: 5, wait: 6 };
    const order = ["interval", "sourceRef", "path", "prune", "decryption"];
    expect(Object.keys(inOwnersOrder(map, order))).toEqual([
      "interval",
      "sourceRef",
      "path",
      "prune",
      "timeout",
      "wait",
    ]);
    expect(inOwnersOrder(map, [])).toEqual(map);
  });

  test("a release keeps its values last, and both actions together", () => {
    const map = { interval: 1, chart: 2, dependsOn: 3, install: 4, upgrade: 5, values: 6 };
    const keys = (order: string[]) => Object.keys(inOwnersOrder(map, order)).join(" ");
    expect(keys(["chart", "interval", "valuesFrom"])).toBe("chart interval dependsOn install upgrade values");
    expect(keys(["interval", "install", "chart"])).toBe("interval install upgrade chart dependsOn values");
  });
});

describe("headers", () => {
  const text = (header: string) => samples({ a: header, b: header, c: header }).map((each) => each);

  test("the same words in most files, above or below the mark; never the schema", () => {
    expect(learnHeader(text("# Licence\n---\na: 1\n"))).toMatchObject({ lines: ["# Licence"], isAboveStart: true });
    const below = "---\n# Licence\n# yaml-language-server: $schema=x\na: 1\n";
    expect(learnHeader(text(below))).toMatchObject({ lines: ["# Licence"], isAboveStart: false });
  });

  test("with the empty comments between its lines, and none around them", () => {
    const header = "#\n# SPDX-FileCopyrightText: me\n#\n# SPDX-License-Identifier: MIT\n#\n";
    const { lines } = learnHeader(text(`${header}# yaml-language-server: $schema=x\na: 1\n`));
    expect(lines).toEqual(["# SPDX-FileCopyrightText: me", "#", "# SPDX-License-Identifier: MIT"]);
    expect(learnHeader(text("#\n# yaml-language-server: $schema=x\na: 1\n")).lines).toEqual([]);
  });

  test.each([
    ["# Licence\n\na: 1\n", false, true],
    ["# Licence\n\n---\na: 1\n", true, true],
    ["---\n# Licence\n\na: 1\n", false, true],
    ["---\n# Licence\na: 1\n", false, false],
    ["---\n# Licence\n# yaml-language-server: $schema=x\n\na: 1\n", false, false],
  ])("with the empty line behind them: %j", (header, isAboveStart, isApart) => {
    expect(learnHeader(text(header))).toMatchObject({ lines: ["# Licence"], isAboveStart, isApart });
  });

  test("not what is about one file, and not where two files are all there is", () => {
    expect(learnHeader(samples({ a: "# A\na: 1\n", b: "# B\na: 1\n", c: "# C\na: 1\n" })).lines).toEqual([]);
    expect(learnHeader(text("# A\na: 1\n").slice(0, 2)).lines).toEqual([]);
  });
});

describe("a listing that waits as a comment", () => {
  const list = (text: string) => {
    const tree = memoryTree({ "apps/kustomization.yaml": text, "apps/x/ks.yaml": "a: 1\n" });
    const { edits = [] } = listResource(tree, "apps", "./x/ks.yaml", "why");
    const [edit] = edits;
    if (edit?.kind !== "replace") return undefined;
    return edit.ranges.reduceRight((all, { start, end, text: to }) => all.slice(0, start) + to + all.slice(end), text);
  };

  test.each([
    ["with a space", "resources:\n  - ./a.yaml\n  # - ./x/ks.yaml\n", "resources:\n  - ./a.yaml\n  - ./x/ks.yaml\n"],
    ["without", "resources:\n  - a.yaml\n  #- x/ks.yaml\n", "resources:\n  - a.yaml\n  - x/ks.yaml\n"],
    [
      "at the margin",
      "resources:\n  - a.yaml\n#  - x/ks.yaml # soon\n",
      "resources:\n  - a.yaml\n  - x/ks.yaml # soon\n",
    ],
    ["flush lists", "resources:\n- a.yaml\n# - x/ks.yaml\n", "resources:\n- a.yaml\n- x/ks.yaml\n"],
    ["with CRLF", "resources:\r\n  - a.yaml\r\n  # - x/ks.yaml\r\n", "resources:\r\n  - a.yaml\r\n  - x/ks.yaml\r\n"],
  ])("is taken up: %s", (_what, text, wanted) => {
    expect(list(text)).toBe(wanted);
  });

  test.each([
    ["prose", "resources:\n  - a.yaml\n  # see - x/ks.yaml\n"],
    ["another list", "resources:\n  - a.yaml\ncomponents:\n  - ../b\n  # - x/ks.yaml\n"],
    ["another path", "resources:\n  - a.yaml\n  # - y/ks.yaml\n"],
  ])("is not: %s", (_what, text) => {
    expect(list(text)).toContain("- a.yaml\n  - x/ks.yaml\n");
    expect(list(text)).toContain(text.split("\n").find((line) => line.includes("#")));
  });
});

describe("a sorted listing", () => {
  const list = (...entries: string[]) => {
    const text = `resources:\n${entries.map((entry) => `  ${entry}\n`).join("")}`;
    const tree = memoryTree({ "apps/kustomization.yaml": text });
    const [edit] = listResource(tree, "apps", "./flux/ks.yaml", "why").edits ?? [];
    if (edit?.kind !== "replace") throw new Error("no edit");
    const after = edit.ranges.reduceRight(
      (all, { start, end, text: to }) => all.slice(0, start) + to + all.slice(end),
      text,
    );
    return after.split("\n").findIndex((line) => line.includes("flux")) - 1;
  };
  const [a, b, m, z] = ["- ./a/ks.yaml", "- ./b/ks.yaml", "- ./m/ks.yaml", "- ./z/ks.yaml"] as const;

  test.each([
    ["stays sorted", [a, b, m, z], 2],
    ["after the files that lead it", ["- ./namespace.yaml", a, b, z], 3],
    ["at the end, where the entry is the last", [a, b, "- ./c/ks.yaml"], 3],
    ["at the end of an unsorted list", [m, a, z], 3],
    ["at the end of a list too short to tell", [a, z], 2],
    ["never above a comment that begins a group", [a, b, "# media", m, z], 5],
    ["at the end, where files stand between folders", [a, "- ./x.yaml", m, z], 4],
  ])("%s", (_what, entries, wanted) => {
    expect(list(...entries)).toBe(wanted);
  });
});

describe("signatures of charts", () => {
  const reader = (name: string) => ({
    file: `${name}/hr.yaml`,
    text: `kind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n  chartRef: {kind: OCIRepository, name: ${name}}\n`,
  });
  const chart = (name: string, verify = "") => ({
    file: `${name}/oci.yaml`,
    text: `kind: OCIRepository\nmetadata: {name: ${name}}\nspec:\n  url: oci://c/${name}\n${verify}`,
  });
  const names = ["a", "b", "c", "d"];
  const learn = (verify: string, used = names) =>
    learnVerify([...used.map(reader), ...names.map((name) => chart(name, name === "a" ? verify : ""))]).verify;

  test("one keyless in four is a habit; the publisher is named where the owner names one", () => {
    expect(learn("  verify: {provider: cosign}\n")).toEqual({ provider: "cosign" });
    const named = learn("  verify: {provider: cosign, matchOIDCIdentity: [{issuer: x, subject: y}]}\n");
    expect(named.matchOIDCIdentity).toHaveLength(1);
    expect(named.matchOIDCIdentity[0].subject).toContain("controlplaneio-fluxcd/charts");
    expect(
      new RegExp(named.matchOIDCIdentity[0].subject).test(
        "https://github.com/controlplaneio-fluxcd/charts/.github/workflows/release.yml@refs/tags/v0.58.0",
      ),
    ).toBe(true);
  });

  test.each([
    ["none is verified", ""],
    ["a key of the owner verifies", "  verify: {provider: cosign, secretRef: {name: key}}\n"],
    ["another tool does", "  verify: {provider: notation, secretRef: {name: key}}\n"],
  ])("not where %s", (_what, verify) => {
    expect(learn(verify)).toBeUndefined();
  });

  test("not where few releases take what is verified", () => {
    expect(learn("  verify: {provider: cosign}\n", [...names, "b", "c", "d"])).toBeUndefined();
    expect(learn("  verify: {provider: cosign}\n", ["b", "c"])).toBeUndefined();
  });
});
