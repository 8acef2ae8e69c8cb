import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/contract/finding.ts";
import type { Standing } from "../../src/contract/plan.ts";
import { shown } from "../../src/contract/visible.ts";
import { findStepsAfterWrite } from "../../src/report/next-step.ts";
import { hangText, openScreen, type Screen, wrapText } from "../../src/report/terminal.ts";
import { renderScan, renderText } from "../../src/report/text.ts";
import { changeLines } from "../../src/report/text-changes.ts";
import { sampleOptions } from "./sample-cluster.ts";
import { elsewherePlan, emptyPlan, sampleDirectPlan, samplePlan } from "./sample-plan.ts";

const plain = { colour: false, verbose: false, width: 100 };
const ESCAPE = "\u001b[";

/** Order in which the given texts occur; -1 for one that does not. */
function positions(text: string, parts: string[]): number[] {
  return parts.map((part) => text.indexOf(part));
}

function withFinding(changes: Partial<Finding>, verbose = false): string {
  const finding: Finding = {
    rule: "path-taken",
    level: "caution",
    what: "What.",
    why: "Why.",
    next: "Next.",
    ...changes,
  };
  return renderText({ ...emptyPlan(), findings: [finding] }, { ...plain, verbose });
}

/** A plan with a line that is wrapped behind each painted mark. */
function wideningPlan() {
  const plan = samplePlan();
  const [main] = plan.phases[0]!.clusters;
  const what = `Kustomization flux-system/apps holds what cannot be read here, ${"which is a long story, ".repeat(9)}indeed.`;
  const unread = { what, look: "flux tree", resources: [] };
  main!.safety = { verdict: "unproven", dangers: [], outcomes: {}, transfers: [], adopted: false, unknown: [unread] };
  return plan;
}

describe("renderText", () => {
  test.each([40, 80, 100])("breaks lines in colour where it does without, at %i columns", (width) => {
    const plain = wideningPlan();
    const text = (colour: boolean, verbose: boolean) => renderText(plain, { colour, width, verbose });
    for (const verbose of [false, true]) {
      expect(stripVTControlCharacters(text(true, verbose))).toBe(text(false, verbose));
    }
  });

  test("ends no line of a new app's files in a blank", () => {
    const part = samplePlan().phases[0]!.clusters[0]!;
    for (const width of [40, 50, 60, 70]) {
      const lines = changeLines(part, "install", { ...openScreen({ ...plain, width }), detail: 0 });
      const at = lines.findIndex((line) => line.endsWith("flux-instance/"));
      expect(lines.slice(at, at + 4).filter((line) => / $/.test(line))).toEqual([]);
    }
  });

  test("names new files at the top of the repository whole", () => {
    const part = samplePlan().phases[0]!.clusters[0]!;
    const edits = part.edits.flatMap((edit) =>
      edit.kind === "create" ? [{ ...edit, path: edit.path.split("/").at(-1)! }] : [],
    );
    const names = edits.map(({ path }) => path);
    const text = changeLines({ ...part, edits }, "install", { ...openScreen(plain), detail: 0 }).join("\n");
    for (const name of names) expect(text).toMatch(new RegExp(`(?<![\\w/])${name}`));
    expect(text).toContain("+ ./\n");
  });

  test("wraps a convention that is longer than the screen", () => {
    const plan = samplePlan();
    const says =
      "targetNamespace, commonMetadata, healthChecks, dependsOn, path, prune, retryInterval, sourceRef, wait";
    plan.phases[0]!.clusters[0]!.conventions = [{ about: "order of a Kustomization", says }];
    const lines = renderText(plan, { ...plain, verbose: true }).split("\n");
    const at = lines.findIndex((line) => line.includes("order of a Kustomization"));
    expect(lines[at]!.length).toBeLessThanOrEqual(100);
    expect(`${lines[at]} ${lines[at + 1]!.trim()}`).toContain(says);
  });

  test("notes that are cut to the same words are one line", () => {
    const note = (file: string): Finding => {
      const what = `Kustomization flux-system/apps looks like the start of a cluster and is left out: it builds ./${file}.`;
      const at = { file, line: 3, col: 1 };
      return { rule: "cluster-left-out", level: "info", at, what, why: "Why.", next: "Next." };
    };
    const deep = "kubernetes/clusters/somewhere/flux";
    const says = (width: number) =>
      renderText(
        { ...emptyPlan(), findings: [note(`${deep}/one/apps.yaml`), note(`${deep}/two/apps.yaml`)] },
        { ...plain, width },
      );
    expect(says(100).split("looks like the start")).toHaveLength(2);
    expect(says(100)).toContain("(+1)");
    expect(says(400).split("looks like the start")).toHaveLength(3);
  });

  test("names every cluster that is left out of what can be written", () => {
    const plan = samplePlan();
    const blocker = plan.phases.flatMap(({ clusters }) => clusters).flatMap(({ findings }) => findings);
    const edge = blocker.find(({ level }) => level === "blocker")!;
    const text = (findings: Finding[]) => renderText({ ...plan, findings }, { ...plain, width: 400 });
    expect(text([])).toContain("To write all but edge, which is blocked:");
    expect(text([{ ...edge, cluster: "attic" }])).toMatch(
      /all but (?:attic and edge|edge and attic), which are blocked:/,
    );
  });

  test("names one or several clusters that a write left out", () => {
    const plan = samplePlan();
    const all = plan.phases.flatMap(({ clusters }) => clusters).flatMap(({ findings }) => findings);
    const edge = all.find(({ level }) => level === "blocker")!;
    const last = (findings: Finding[]) => findStepsAfterWrite({ ...plan, findings }, "tree").at(-1)?.says;
    expect(last([])).toBe("edge was left out. Settle its blockers, then plan again:");
    expect(last([{ ...edge, cluster: "attic" }])).toMatch(/ were left out\. Settle their blockers, then plan again:$/);
  });

  test("begins with the version and what was looked at, and shows every claim with its place", () => {
    const text = renderText(samplePlan(), { ...plain, verbose: true });
    expect(text.split("\n")[0]).toBe("fluxlift 0.1.0  1,135 files scanned · 362 mention Flux · main@3f9c2d1");
    expect(text).toMatch(/► main {2}Flux v2\.6\.4 · not started/);
    for (const place of ["flux.yaml:13:1", "flux.yaml:10:10", "cluster.yaml:2:1", "cluster.yaml:15:1"]) {
      expect(text).toContain(`kubernetes/main/flux/config/${place}`);
    }
    expect(text).toContain("kubernetes/main/bootstrap/flux/kustomization.yaml:6:5");
  });

  test("names what stays without an owner, which no finding may speak of", () => {
    const plan = samplePlan();
    const names = ["HelmRelease flux-system/flux", "ConfigMap flux-system/flux-values-5t7k"];
    const outcomes = { orphaned: { count: 2, names }, kept: { count: 1, names: ["Namespace flux-system"] } };
    plan.phases[0]!.clusters[0]!.safety = { adopted: true, outcomes, dangers: [], unknown: [] } as never;
    const text = renderText(plan, { ...plain, verbose: true });
    expect(text).toContain("2 objects left in the cluster without an owner, 1 object kept");
    expect(text).toContain(`- no owner: ${names.join(", ")}`);
  });

  test("where reasons are left out, does not speak of the same reason", () => {
    const part = samplePlan().phases[0]!.clusters[0]!;
    const edit = (count: number) => ({
      kind: "replace",
      path: `a${count}/ks.yaml`,
      why: "Follow.",
      ranges: [],
      evidence: [],
    });
    const edits = [1, 2, 3, 4, 5, 6, 7].map(edit) as never;
    const last = (detail: Screen["detail"]) =>
      changeLines({ ...part, edits }, "cutover", { ...openScreen(plain), detail }).slice(-2);
    expect(last(1)).toEqual(["      and 2 more for the same reason; --verbose lists them", "      Follow."]);
    expect(last(2)).toEqual(["    ~ a5/ks.yaml", "      and 2 more; --verbose lists them"]);
  });

  test("says of a cutover that keeps source and root that they stay", () => {
    const part = samplePlan().phases[0]!.clusters[0]!;
    const said = (sync: "adopt" | "keep") =>
      changeLines(part, "cutover", openScreen(plain), { sync }).join(" ").replace(/\s+/g, " ");
    expect(said("adopt")).toContain("points every reference at the generated source");
    expect(said("keep")).toContain("source and root stay as they are");
    expect(said("keep")).not.toContain("points every reference");
  });

  test("tells the digest beside a tag by its beginning", () => {
    const plan = samplePlan();
    const version = plan.phases[0]!.clusters[0]!.detected.version!;
    version.value = `v2.6.4@sha256:${"0123456789abcdef".repeat(4)}`;
    const text = renderText(plan, plain);
    expect(text).toMatch(/► main {2}Flux v2\.6\.4 ·/);
    expect(text).not.toContain("0123456789abcd");
    expect(renderText(plan, { ...plain, verbose: true })).toContain(version.value);
  });

  test("puts the biggest danger first, and every cluster before the findings", () => {
    const text = renderText(samplePlan(), plain);
    const order = positions(text, [
      "► main",
      "► edge",
      "✗ 1 blocker",
      "⚠ 2 cautions",
      "· 6 notes",
      "✗ install  8 files",
    ]);
    expect(order).not.toContain(-1);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(text).toContain("kubernetes/edge/flux/config/flux.yaml:10:10  edge  flux-not-embedded");
    expect(text).toContain("✗ install  stopped by 1 blocker, no file is touched");
  });

  test("ends with counts and the command to run next", () => {
    const text = renderText(samplePlan({ sync: "keep", clusters: ["edge", "main"] }), plain);
    expect(text).toContain("8 files created, 1 edited · 1 blocker, 2 cautions, 6 notes");
    expect(text).toContain("    fluxlift migrate --sync keep --cluster edge,main\n");
    expect(renderText(sampleDirectPlan(), plain)).toContain("    fluxlift migrate --phase all --direct\n");
  });

  test("folds created files by app and notes by sentence, and shows all of them with verbose", () => {
    const small = samplePlan();
    small.findings = [];
    small.phases = small.phases.map((phase) => {
      const [main] = phase.clusters;
      return { ...phase, clusters: [{ ...main!, findings: [], runbook: { ...main!.runbook, assumptions: [] } }] };
    });
    const folded = renderText(small, plain);
    expect(folded).toContain("+ kubernetes/main/apps/flux-system/flux-instance/\n");
    expect(folded).not.toContain("flux-instance/app/helmrelease.yaml\n");
    const short = renderText(samplePlan(), plain);
    expect(short).not.toContain("docs/upgrade.md");
    const long = renderText(samplePlan(), { ...plain, verbose: true });
    expect(long).toContain("+ kubernetes/main/apps/flux-system/flux-instance/app/helmrelease.yaml\n");
    expect(long).toContain("from kubernetes/main/flux/config/flux.yaml:10:10  (instance-app)");
    expect(long).toContain("docs/upgrade.md:19:3");
    expect(long).not.toContain("--verbose lists them");
  });

  test.each([80, 100, 120])(
    "fits one screen at %d columns, and never leaves out a blocker or the next step",
    (width) => {
      const text = renderText(samplePlan(), { ...plain, width });
      expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
      expect(text).toContain("1 blocker");
      expect(text).toContain("edge  flux-not-embedded");
      expect(text).toContain("     next  ");
      expect(text.trimEnd().split("\n").at(-1)).toBe("    fluxlift migrate");
    },
  );

  test("numbers findings, and says what several share once", () => {
    const finding = (what: string, line: number): Finding => ({
      ...{ rule: "kustomization-incomplete", level: "caution", what, why: "Why.", next: "Next." },
      at: { file: "a.yaml", line, col: 1 },
    });
    const findings = [finding("One.", 1), finding("One.", 2), finding("Two.", 3)];
    const other: Finding = { ...finding("Other.", 9), rule: "path-taken", next: "Else." };
    const text = renderText({ ...emptyPlan(), findings: [...findings, other] }, plain);
    expect(text).toContain("⚠ 4 cautions");
    expect(text).toContain(
      "\n  1  One.  a.yaml:1:1 (+1)  kustomization-incomplete\n     Two.  a.yaml:3:1  kustomization-incomplete\n",
    );
    expect(text).toContain("\n  2  Other.  a.yaml:9:1  path-taken\n");
    expect(text.match(/One\./g)).toHaveLength(1);
    expect(text).toContain("fluxlift explain kustomization-incomplete");
  });

  test("one line a finding, cut after a word; a caution has two, and keeps its place", () => {
    const what = `The operator replaces this CRD by the one of the release; ${"what was added by hand goes ".repeat(4)}with it.`;
    const at = { file: `apps/${"b".repeat(30)}.yaml`, line: 6, col: 5 };
    const lines = (level: Finding["level"], width: number) => {
      const finding: Finding = { rule: "gotk-crd-edited", level, what, why: "Why.", next: "Next.", at };
      const text = renderText({ ...emptyPlan(), findings: [finding] }, { ...plain, width }).split("\n");
      const start = text.findIndex((line) => line.startsWith("  1  "));
      return text
        .slice(
          start,
          text.findIndex((line) => line.startsWith("  In full")),
        )
        .map((line) => line.trim());
    };
    const place = `${at.file}:6:5  gotk-crd-edited`;
    expect(lines("caution", 130)).toEqual([`1  The operator replaces this CRD by the one of the release…  ${place}`]);
    const short = "1  The operator replaces this CRD by the one of the release; what was added by";
    const rest = "hand goes what was added by hand goes what was added by…";
    expect(lines("caution", 80)).toEqual([short, rest, place]);
    expect(lines("info", 80)).toEqual([
      "1  The operator replaces this CRD by the one of the release…  gotk-crd-edited",
    ]);
    expect(lines("blocker", 80).join(" ")).toContain(what);
  });

  test("does not say of a tree that does not build that nothing in it installs Flux", () => {
    const at = { file: "a.yaml", line: 1, col: 1 };
    const of = (rule: Finding["rule"], cluster: string): Finding => ({
      ...{ rule, level: "blocker", cluster, what: `${rule} of ${cluster}.`, why: "Why.", next: "Next.", at },
    });
    const findings = [
      of("install-not-found", "east"),
      of("kustomization-broken", "east"),
      of("install-not-found", "west"),
    ];
    const text = renderText({ ...emptyPlan(), findings }, plain);
    expect(text).toContain("     └ and because of that: install-not-found; settled with it\n");
    expect(text).not.toContain("install-not-found of east.");
    expect(text).toContain("install-not-found of west.");
  });

  test("does not send to a patch or a list for what is not built because a file is in the way", () => {
    const of = (rule: Finding["rule"]): Finding => ({
      ...{ rule, level: "blocker", cluster: "east", what: `${rule}.`, why: "Why.", next: "Next." },
      at: { file: "a.yaml", line: 1, col: 1 },
    });
    const findings = [of("build-breaks"), of("path-taken"), of("protection-undone")];
    const text = renderText({ ...emptyPlan(), findings }, plain);
    expect(text).toContain("└ and because of that: build-breaks, protection-undone; settled with it\n");
    expect(text).not.toContain("build-breaks.");
  });

  test("folds blockers that are settled with another one under it", () => {
    const of = (rule: Finding["rule"], cluster: string, line: number): Finding => ({
      ...{ rule, level: "blocker", cluster, what: `${rule} ${line}.`, why: "Why.", next: "Next." },
      at: { file: "a.yaml", line, col: 1 },
    });
    const may = Array.from({ length: 30 }, (_, line) => of("wanted-may-go", "east", line + 2));
    const shared = (other: string) => ({
      ...of("shared-with-blocked", "west", 1),
      what: `west shares this file with ${other}, which this run leaves as it is.`,
    });
    const findings = [of("flux-may-go", "east", 1), ...may, shared("east")];
    const text = renderText({ ...emptyPlan(), findings }, plain);
    expect(text).toContain("✗ 32 blockers");
    expect(text).toContain("     └ and because of that: wanted-may-go (30), shared-with-blocked; settled with it\n");
    expect(text).not.toContain("wanted-may-go 2.");
    expect(renderText({ ...emptyPlan(), findings: may }, plain)).toContain("wanted-may-go 2.");
    // Nothing stops a cluster that this run was not asked for: it is named, and no blocker of another settles that.
    const unchosen = renderText({ ...emptyPlan(), findings: [...findings.slice(0, -1), shared("north")] }, plain);
    expect(unchosen).toContain("west shares this file with north, which");
  });

  test("breaks a long place before it runs over the edge", () => {
    const file = `kubernetes/${"a".repeat(50)}/kustomization.yaml`;
    const finding: Finding = {
      ...{
        rule: "kustomization-incomplete",
        level: "caution",
        cluster: "main",
        what: "What.",
        why: "Why.",
        next: "Next.",
      },
      at: { file, line: 6, col: 5 },
    };
    const text = renderText({ ...emptyPlan(), findings: [finding] }, { ...plain, width: 100 });
    expect(text).toContain(`     ${file}:6:5\n       main  kustomization-incomplete\n`);
  });

  test("a tick only where all is well", () => {
    const closing = (text: string) => text.split("\n").find((line) => /^\S install {2}/.test(line))?.[0];
    expect(closing(renderText(samplePlan(), plain))).toBe("✗");
    const open = samplePlan();
    open.phases = open.phases.map((phase) => ({ ...phase, clusters: [{ ...phase.clusters[0]!, findings: [] }] }));
    open.findings = [];
    expect(closing(renderText(open, plain))).toBe("◎");
    open.findings = [{ rule: "path-taken", level: "caution", what: "What.", why: "Why.", next: "Next." }];
    expect(closing(renderText(open, plain))).toBe("⚠");
  });

  test("names what the plan assumes without facts, once measured no more", () => {
    const all = { ...plain, verbose: true };
    expect(renderText(samplePlan(), all)).toContain("· Flux v2.6.4 runs, as the repository says.");
    expect(renderText(samplePlan(), plain)).toMatch(
      /\? \d+ assumptions · --verbose lists, plan --format preflight measures/,
    );
    const facts = { cluster: "main", fluxVersion: "v2.6.4", suspended: [] };
    const measured = renderText(samplePlan({ facts }), all);
    expect(measured).not.toContain("Flux v2.6.4 runs");
    expect(measured).not.toContain("Nothing is suspended.");
  });

  test("shows the phases of one cluster one after the other", () => {
    const text = renderText(sampleDirectPlan(), { ...plain, verbose: true });
    const order = positions(text, [
      "\n  install  ",
      "\n  cutover  ",
      "\n  cleanup  ",
      "- kubernetes/main/flux/config/cluster.yaml",
    ]);
    expect(order).not.toContain(-1);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
  });

  test.each([
    ["installed", "cutover"],
    ["cut-over", "cleanup"],
  ] as const)("says what comes after a phase that is in the tree: %s", (state, next) => {
    const plan = samplePlan();
    const [main] = plan.phases[0]!.clusters;
    const standing: Standing = { next, reached: "read", choices: { sync: "rename" } };
    const cluster = { ...main!, state, standing, edits: [], findings: [] };
    plan.phases = [{ phase: "install", clusters: [cluster], files: [] }];
    expect(renderText(plan, plain)).toContain(`    fluxlift migrate --phase ${next} --sync rename\n`);
    plan.phases[0]!.clusters[0]!.standing = { ...standing, reached: "branch", into: "production" };
    const text = renderText(plan, plain);
    expect(text).toContain(", not merged into production\n");
    expect(text).toContain("    git push -u origin HEAD\n");
  });

  test("says that nothing is left once a cluster is done", () => {
    const plan = samplePlan();
    const [main] = plan.phases[0]!.clusters;
    plan.phases = [{ phase: "cleanup", clusters: [{ ...main!, state: "done", edits: [], findings: [] }], files: [] }];
    const text = renderText(plan, plain);
    expect(text).toContain("Nothing is left to do.");
    expect(text).not.toContain("fluxlift migrate");
  });

  test("says that nothing is left where Flux Operator runs already by what is not in Git", () => {
    const scan = renderScan(elsewherePlan(), plain);
    expect(scan).toContain("✔ Flux Operator runs this Flux already.\n");
    expect(scan).not.toContain("Looked for");
    expect(renderText({ ...elsewherePlan(), phases: [{ phase: "install", clusters: [], files: [] }] }, plain)).toMatch(
      /✔ install {2}no changes · 1 note\n► Nothing is left to migrate\.\n?$/,
    );
  });

  test("says what was looked for when nothing was recognised", () => {
    const text = renderText(emptyPlan(), plain);
    expect(text).toContain("312 files scanned · 0 mention Flux · not a git repository");
    expect(text).toContain("No Flux cluster was recognised.");
    for (const name of [
      "flux bootstrap",
      "flux-manifests",
      "manifests/install",
      "flux2 chart",
      "Flux Operator",
      "the sync",
    ]) {
      expect(text).toContain(`\n    ${name} `);
    }
  });

  test.each([60, 80, 100, 140])(
    "keeps prose within %d columns; only a path, a command or a label may be longer",
    (width) => {
      for (const plan of [samplePlan(), sampleDirectPlan(), emptyPlan()]) {
        for (const verbose of [false, true]) {
          const lines = renderText(plan, { ...plain, width, verbose })
            .split("\n")
            .slice(1);
          const long = lines.filter(
            (line) => [...line].length > width && line.trim().split(/\s+/).length > 5 && !/^ +\d* *\S+:\d+/.test(line),
          );
          expect(long).toEqual([]);
        }
      }
    },
  );

  test("has colour codes only when asked, and the same text with them", () => {
    const text = renderText(samplePlan(), plain);
    const coloured = renderText(samplePlan(), { ...plain, colour: true });
    expect(text).not.toContain(ESCAPE);
    expect(coloured).toContain(`${ESCAPE}31m✗${ESCAPE}39m`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are what is removed
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(text);
  });

  test("makes control characters of the repository visible instead of sending them to the terminal", () => {
    const text = withFinding({ what: "A\u001b[2Jname\u202e.", at: { file: "a\u0007.yaml", line: 1, col: 1 } });
    expect(text).toContain("A\\u001b[2Jname\\u202e.");
    expect(text).toContain("a\\u0007.yaml:1:1");
    expect(text).not.toContain("\u001b");
  });

  test("keeps code in a next step line by line", () => {
    const next = "Add this:\n- name: flux-operator\n  namespace: flux-system";
    const text = withFinding({ next }, true);
    expect(withFinding({ level: "blocker", next })).toContain(
      "     next  Add this:\n           - name: flux-operator\n",
    );
    expect(text).toContain(
      "    next  Add this:\n          - name: flux-operator\n            namespace: flux-system\n",
    );
  });
});

describe("renderScan", () => {
  test("shows clusters and findings, but no change", () => {
    const text = renderScan(samplePlan(), plain);
    expect(text).toContain("► main  Flux v2.6.4");
    expect(text).toContain("flux-not-embedded");
    expect(text).not.toContain("flux-instance/");
    expect(text).toContain("2 clusters recognised, 0 migrated · 1 blocker, 2 cautions, 6 notes");
  });

  test("says so when nothing was recognised", () => {
    expect(renderScan(emptyPlan(sampleOptions()), plain)).toContain("No Flux cluster was recognised.");
  });
});

test("wrapText never breaks a word and never loses one", () => {
  const path = "kubernetes/main/apps/flux-system/flux-operator/app/helmrelease.yaml";
  expect(wrapText(`See ${path} now`, 20)).toEqual(["See", path, "now"]);
  expect(hangText(shown`    next  `, "one two three four five six", 30)).toEqual([
    "    next  one two three four",
    "          five six",
  ]);
  expect(wrapText("", 20)).toEqual([]);
});
