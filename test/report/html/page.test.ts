import { createHash } from "node:crypto";
import { Script } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../src/contract/plan.ts";
import type { MergeSafety } from "../../../src/contract/safety.ts";
import { renderPlanHtml, renderVerifyHtml } from "../../../src/report/html/index.ts";
import { homeTree } from "../../verify/home-tree.ts";
import { HOSTILE, hostileChange, hostileTree, SECRETS } from "../../verify/hostile-tree.ts";
import { elsewherePlan, emptyPlan, sampleDirectPlan, samplePlan } from "../sample-plan.ts";
import { planRepo, verifyTrees } from "./make.ts";
import { findForeign, findLooseEnds } from "./markup.ts";

const MOST_BYTES = 1_500_000;

/** A plan with a verdict on its first cluster, as real ones have. */
function judgedPlan(): Plan {
  const plan = samplePlan();
  const safety: MergeSafety = {
    verdict: "deletes",
    adopted: true,
    outcomes: {
      deleted: { count: 1, names: ["ConfigMap a/b"] },
      kept: { count: 2, names: ["ConfigMap a/c", "ConfigMap a/d"] },
    },
    dangers: [
      {
        resource: "ConfigMap a/b",
        outcome: "deleted",
        wanted: false,
        rank: 3,
        what: "W",
        why: "Y",
        chain: ["one", "two"],
      },
    ],
    transfers: [
      { from: "flux-system/apps", outcome: "deleted", count: 1, names: ["ConfigMap a/b"] },
      {
        from: "flux-system/apps",
        to: "flux-system/apps",
        outcome: "kept",
        count: 2,
        names: ["ConfigMap a/c", "ConfigMap a/d"],
      },
    ],
    unknown: [
      { resources: ["Kustomization a/u"], what: "is unread", look: "look", at: { file: "a.yaml", line: 1, col: 1 } },
    ],
  };
  plan.phases[0]!.clusters[0]!.safety = safety;
  return plan;
}

const headings = (page: string) => [...page.matchAll(/<h2[^>]*>([^<]*)/g)].map(([, text]) => text!.trim());

describe("the page of a plan", () => {
  test("has its parts in order, and nothing from elsewhere", async () => {
    const page = await renderPlanHtml(judgedPlan());
    expect(headings(page)).toEqual([
      ...["Clusters", "Findings", "What Flux will do", "Who owns what", "Files", "Where the patches went", "Runbook"],
    ]);
    expect(findForeign(page)).toEqual([]);
    expect(findLooseEnds(page)).toEqual([]);
    expect(page).toContain("<h1>Blocked for edge</h1>");
  });

  test("is the same for the same plan, and ticks belong to the plan", async () => {
    const key = (page: string) => /"key":"(fluxlift:[0-9a-f]{24})"/.exec(page)?.[1];
    const [one, same, other] = await Promise.all(
      [samplePlan(), samplePlan(), samplePlan({ sync: "keep" })].map(renderPlanHtml),
    );
    expect(one).toBe(same);
    expect(key(one!)).toBeDefined();
    expect(key(other!)).not.toBe(key(one!));
  });

  test("allows its own script and style only", async () => {
    const page = await renderPlanHtml(samplePlan());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
    const hashOf = (name: string) => {
      const text = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(page)![1]!;
      return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    };
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf("script")}; style-src ${hashOf("style")}; base-uri 'none'; form-action 'none'; trusted-types 'none'; require-trusted-types-for 'script'`,
    );
    expect(() => new Script(/<script>([\s\S]*?)<\/script>/.exec(page)![1]!)).not.toThrow();
  });

  test("says the verdict first", async () => {
    const title = async (plan: Plan) => /<h1>([^<]*)/.exec(await renderPlanHtml(plan))?.[1];
    expect(await title(emptyPlan())).toBe("No Flux cluster was recognised");
    expect(await title(elsewherePlan())).toBe("Flux Operator runs this Flux already");
    const only = (change: (plan: Plan) => void) => {
      const plan = judgedPlan();
      plan.phases[0]!.clusters.pop();
      change(plan);
      return title(plan);
    };
    const verdict = (name: MergeSafety["verdict"]) =>
      only((plan) => {
        plan.phases[0]!.clusters[0]!.safety!.verdict = name;
      });
    expect(await verdict("safe")).toBe("Safe to merge");
    expect(await verdict("deletes")).toBe("Safe to merge");
    expect(await verdict("unproven")).toBe("Not proven safe");
    expect(await verdict("unsafe")).toBe("Not safe to merge");
    expect(await only((plan) => delete plan.phases[0]!.clusters[0]!.safety)).toBe("Not judged");
    const nothing = only((plan) => {
      plan.phases[0]!.files = [];
      plan.phases[0]!.clusters[0]!.edits = [];
    });
    expect(await nothing).toBe("Nothing to change");
  });

  test("has a box for each step of the runbook, and none for a cluster that is stopped", async () => {
    const plan = samplePlan();
    const page = await renderPlanHtml(plan);
    const { preChecks, steps } = plan.phases[0]!.clusters[0]!.runbook;
    expect(page.match(/type="checkbox"/g)).toHaveLength(preChecks.length + steps.length);
    const direct = await renderPlanHtml(sampleDirectPlan());
    expect(new Set(direct.match(/data-step="[^"]*"/g)).size).toBe(direct.match(/data-step="/g)!.length);
  });

  test("shows a finding beside its line, also one that is folded away", async () => {
    const plan = samplePlan();
    const before = Array.from({ length: 60 }, (_, i) => `key${i}: ${i}\n`).join("");
    plan.phases[0]!.files = [{ path: "a.yaml", before, after: before.replace("key2: 2", "key2: 3") }];
    const finding = { rule: "other-branch", level: "caution", what: "W", why: "Y", next: "N" } as const;
    plan.findings = [{ ...finding, at: { file: "a.yaml", line: 40, col: 1 } }];
    const page = await renderPlanHtml(plan);
    const [, line, id] = /<td class="n">(\d+)<\/td>(?:(?!<tr)[\s\S])*<tr class="note">[\s\S]*?id="(d\d+)"/.exec(page)!;
    expect(line).toBe("40");
    const above = page.slice(0, page.indexOf(`id="${id}"`));
    expect(above.slice(above.lastIndexOf("<tbody"))).not.toContain("hidden");
    expect(page).toContain(`<a href="#${id}">in the diff</a>`);
    expect(findLooseEnds(page)).toEqual([]);
  });

  test("folds a deleted file to one line", async () => {
    const plan = samplePlan();
    plan.phases[0]!.files = [
      { path: "gone.yaml", before: "a: b\n" },
      { path: "new.yaml", after: "a: b\n" },
    ];
    const page = await renderPlanHtml(plan);
    expect(page).toContain('<details class="file gone"><summary>');
    expect(page).toContain('<details class="file new" open><summary>');
  });
});

/** The same value with every text in it replaced. */
function replaceTexts<T>(value: T, replace: (text: string, key: string) => string, key = ""): T {
  if (typeof value === "string") return replace(value, key) as T;
  if (Array.isArray(value)) return value.map((one) => replaceTexts(one, replace, key)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaceTexts(one, replace, name)])) as T;
}

/** Fields that the program itself sets, to one of a few words. */
const OWN = new Set(["level", "phase", "state", "verdict", "outcome", "sync", "layout", "tool", "kind"]);

test("whatever the texts of a plan are, the page holds only its own markup", async () => {
  const evil = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.string({ maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(evil, { minLength: 1, maxLength: 20 }), async (texts) => {
      let next = 0;
      const plan = replaceTexts(judgedPlan(), (text, key) =>
        OWN.has(key) ? text : `${texts[next++ % texts.length]}${key === "path" ? next : ""}`,
      );
      const page = await renderPlanHtml(plan);
      expect(findForeign(page)).toEqual([]);
      expect(findLooseEnds(page)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("a tree that means harm puts nothing into the page, and no value of a Secret", async () => {
  const plan = await planRepo(hostileTree());
  const change = verifyTrees(hostileTree(), hostileChange());
  for (const page of [await renderPlanHtml(plan), await renderVerifyHtml(change)]) {
    expect(findForeign(page)).toEqual([]);
    expect(findLooseEnds(page)).toEqual([]);
    for (const secret of SECRETS) expect(page).not.toContain(secret);
    expect(page).toContain("pwned");
  }
  expect(change.report.changed).toBeGreaterThan(5);
});

test("a file that verify finds elsewhere with the same text is one that was moved", async () => {
  const pvc = "kubernetes/apps/media/player/app/pvc.yaml";
  const text = homeTree()[pvc]!;
  const page = await renderVerifyHtml(verifyTrees(homeTree(), { [pvc]: undefined, "old/pvc.yaml": text }));
  expect(page).toContain(`<code class="path">${pvc} → old/pvc.yaml</code>`);
  expect(page.match(/<details class="file /g)).toHaveLength(1);
  expect(findLooseEnds(page)).toEqual([]);
});

describe("a page that would be too big", () => {
  test("says what was cut", async () => {
    const plan = judgedPlan();
    const [phase] = plan.phases;
    const names = Array.from({ length: 20_000 }, (_, i) => `ConfigMap some-namespace/some-rather-long-name-${i}`);
    phase!.clusters[0]!.safety!.transfers.push({
      to: "flux-system/apps",
      outcome: "created",
      count: names.length,
      names,
    });
    phase!.files = Array.from({ length: 3000 }, (_, i) => ({
      path: `apps/${i}.yaml`,
      after: "key: value # why\n".repeat(60),
    }));
    phase!.files.push({ path: "huge.yaml", before: "a: b\n".repeat(300_000), after: "b: c\n".repeat(300_000) });
    plan.findings = Array.from(
      { length: 5000 },
      (_, i) =>
        ({
          ...{ rule: "other-branch", level: "caution", what: `What ${i}`, why: "Y", next: `N ${i}` },
          at: { file: `apps/${i}.yaml`, line: 1, col: 1 },
        }) as const,
    );
    const page = await renderPlanHtml(plan);
    expect(Buffer.byteLength(page)).toBeLessThan(MOST_BYTES);
    for (const what of [/objects more did not fit/, /files more did not fit/, /groups more did not fit/])
      expect(page).toMatch(what);
    expect(findForeign(page)).toEqual([]);
    expect(findLooseEnds(page)).toEqual([]);
  });

  test("holds even one text without end", async () => {
    const plan = replaceTexts(judgedPlan(), (text, key) => (OWN.has(key) ? text : text + "<x>".repeat(40_000)));
    const page = await renderPlanHtml(plan);
    expect(Buffer.byteLength(page)).toBeLessThan(MOST_BYTES);
  });
});
