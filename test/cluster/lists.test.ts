import { describe, expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";
import { planOf } from "../traps/support.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

/** Documents as the items of a List. */
const listed = (...documents: string[]) =>
  `apiVersion: v1\nkind: List\nitems:\n${documents
    .map((text) =>
      text
        .replace(/^---\n/, "")
        .trimEnd()
        .replaceAll("\n", "\n    ")
        .replace(/^/, "  - "),
    )
    .join("\n")}\n`;

const ROOT = flux("cluster", "./flux");
const SOURCE = gitRepository("home-ops", URL);
const found = (files: Record<string, string>) =>
  planOf(files)
    .findings.filter(({ level }) => level !== "info")
    .map(({ rule, resource, at, next }) => [rule, resource, at?.file, at?.line, next]);
const unlist = (file: string) =>
  expect.stringContaining(
    `Write each object of that List as a document of its own, with \`---\` between them, in ${file}.`,
  );

describe("what starts a cluster in a List", () => {
  test("is named with its place: the root, whether its source is there too or not", () => {
    const at = ["root-not-found", "Kustomization flux-system/cluster", "flux/root.yaml"];
    const advice = unlist("flux/root.yaml");
    expect(found({ "flux/root.yaml": listed(ROOT) + SOURCE })).toEqual([[...at, 4, advice]]);
    expect(found({ "flux/root.yaml": listed(SOURCE, ROOT) })).toEqual([[...at, 14, advice]]);
    expect(found({ "flux/root.yaml": listed(listed(SOURCE, ROOT)) })).toEqual([[...at, 17, advice]]);
  });

  test("is named with its place: the source alone", () => {
    expect(found({ "flux/root.yaml": ROOT, "flux/source.yaml": listed(SOURCE) })).toEqual([
      ["root-not-found", "GitRepository flux-system/home-ops", "flux/source.yaml", 4, unlist("flux/source.yaml")],
    ]);
  });

  test("is none in an archive or an example", () => {
    for (const dir of ["archive", "examples"])
      expect(found({ [`${dir}/root.yaml`]: listed(ROOT), "flux/a.yaml": list() })[0]?.[0]).toBe("nothing-recognised");
  });
});

describe("an object of Flux that a cluster applies out of a List", () => {
  const tree = makeFluxSystem("clusters/prod");
  const run = (file: string, text: string) =>
    runPhase({ ...tree, [file]: text }, "install").findings.filter(
      ({ level, rule }) => level !== "info" && rule !== "gotk-crd-edited",
    );
  const apps = flux("apps", "./apps", "GitRepository flux-system");

  test("stops the phase, which would neither change it nor see what it applies", () => {
    expect(run("clusters/prod/apps.yaml", apps)).toEqual([]);
    expect(run("clusters/prod/apps.yaml", listed(apps))).toMatchObject([
      {
        rule: "file-not-read",
        level: "blocker",
        at: { file: "clusters/prod/apps.yaml", line: 4 },
        what: expect.stringContaining("clusters/prod/apps.yaml has Kustomization flux-system/apps (line 4) in a List:"),
        next: unlist("clusters/prod/apps.yaml"),
      },
    ]);
  });

  test("is told of where no cluster here applies it", () => {
    expect(run("clusters/other/apps.yaml", listed(apps))).toMatchObject([
      { rule: "cluster-left-out", level: "caution", at: { file: "clusters/other/apps.yaml", line: 4 } },
    ]);
    expect(run("archive/other/apps.yaml", listed(apps))).toEqual([]);
  });

  test("is told of once for each file", () => {
    const three = ["a", "b", "c"].map((name) => flux(name, `./${name}`, "GitRepository flux-system"));
    expect(run("clusters/other/apps.yaml", listed(...three))).toMatchObject([
      {
        rule: "cluster-left-out",
        at: { file: "clusters/other/apps.yaml", line: 4 },
        what: expect.stringMatching(
          /^Kustomization flux-system\/a \(line 4\), .* are left out, for they stand in a List:/,
        ),
      },
    ]);
  });

  test("is nothing to tell of where it was only read from a cluster", () => {
    const dumped = apps.replace("metadata:", "metadata:\n  uid: 3f1d0c1e-0000-4000-8000-000000000000");
    expect(run("backup/apps.yaml", listed(dumped))).toEqual([]);
    expect(run("clusters/prod/apps.yaml", listed(dumped))).toMatchObject([{ rule: "file-not-read", level: "blocker" }]);
  });

  test("is none of another group", () => {
    expect(
      run("clusters/prod/a.yaml", listed("apiVersion: v1\nkind: Namespace\nmetadata: {name: a.fluxcd.io}\n")),
    ).toEqual([]);
  });
});
