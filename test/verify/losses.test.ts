import { describe, expect, test } from "vitest";
import { fluxKey, splitKey } from "../../src/admission/key.ts";
import type { Outcome } from "../../src/change/types.ts";
import { reportLosses, sayNames } from "../../src/safety/fate/losses.ts";
import type { Loss } from "../../src/safety/fate/wanted.ts";

const APPS = fluxKey("flux-system", "apps");
const CRD = "apiextensions.k8s.io|CustomResourceDefinition||kustomizations.kustomize.toolkit.fluxcd.io";
const claim = (name: string) => `|PersistentVolumeClaim|media|${name}`;
const RELEASE = "helm.toolkit.fluxcd.io|HelmRelease|media|player";
const SET = "fluxcd.controlplane.io|ResourceSet|media|tenants";

function lose(key: string, more: Partial<Outcome> = {}, rest: Partial<Loss> = {}): Loss {
  const { kind, namespace, name } = splitKey(key);
  const outcome: Outcome = {
    ...{ key, kind, namespace, name, fate: "deleted", before: [], after: [], reason: `Flux deletes ${kind} ${name}.` },
    ...{ chain: [`flux-system/apps applies ${name} no more`], causes: [APPS], leads: [], begins: "stale", danger: 6 },
    ...more,
  };
  return { outcome, wanted: true, because: "Somebody wants it.", ...rest };
}

const place = (file: string) => ({ file, line: 4, col: 1 });
const report = (...losses: Loss[]) => reportLosses(losses, ({ at }) => at ?? place("root.yaml"));
const ACCEPTED = { accepted: { how: "flag" } } as const;

describe("what is still wanted", () => {
  test("is a blocker that says what happens, why and what to do first", () => {
    expect(report(lose(claim("player"), { at: place("pvc.yaml") }))).toEqual([
      {
        rule: "wanted-may-go",
        level: "blocker",
        resource: "PersistentVolumeClaim media/player",
        at: place("pvc.yaml"),
        what: "Flux deletes PersistentVolumeClaim player.",
        why: "Somebody wants it. Some order of reconciling leads there.",
        next: "Set prune: false on Kustomization flux-system/apps in a change of its own, wait until that is reconciled, then merge this one; or take the edit back.",
      },
    ]);
  });

  test("that a ResourceSet takes along, further down the chain, is guarded in there", () => {
    const next = (...causes: string[]) => report(lose(claim("player"), { causes }))[0]!.next;
    expect(next(APPS, SET)).toContain("Give PersistentVolumeClaim media/player the annotation fluxcd.controlplane.io");
    expect(next(APPS, SET, RELEASE)).toContain("Give HelmRelease media/player the annotation fluxcd.controlplane.io");
  });

  test("of a root that the operator makes is guarded by a patch", () => {
    const [found] = reportLosses([lose(claim("player"))], ({ at }) => at ?? place("root.yaml"), { made: APPS });
    expect(found!.next).toContain("Set prune: false on Kustomization flux-system/apps by a patch of the FluxInstance,");
  });

  test("names the way there where it has several steps", () => {
    const [found] = report(lose(claim("player"), { chain: ["the root drops apps", "its finalizer deletes player"] }));
    expect(found!.why).toBe("Somebody wants it. The root drops apps; then its finalizer deletes player.");
  });

  test.each([
    ["reinstall", RELEASE, "Keep the release name, the namespaces and the chart of HelmRelease media/player, or"],
    ["helm", RELEASE, "Keep the release name, the namespaces and the chart of HelmRelease media/player, or back up"],
    ["force", APPS, "Take force away in a change of its own, or back up the data; or take the edit back."],
    ["operator", APPS, "Take the edit of the FluxInstance back; what the operator made it deletes as well."],
    ["uninstall", APPS, "Take the edit of the FluxInstance back; what the operator made it deletes as well."],
    ["stale", RELEASE, "Give PersistentVolumeClaim media/player the annotation helm.sh/resource-policy: keep in a"],
    ["stale", SET, "Give PersistentVolumeClaim media/player the annotation fluxcd.controlplane.io/prune: disabled in"],
    ["finalizer", APPS, "Set prune: false on Kustomization flux-system/apps in a change of its own"],
  ] as const)("that begins with %s of %s: what to do first", (begins, cause, says) => {
    const [found] = report(lose(claim("player"), { begins, causes: [cause] }));
    expect(found!.next.startsWith(says)).toBe(true);
    expect(found!.next).toMatch(/take the edit back\.$|deletes as well\.$/i);
  });

  test("that goes with a Kustomization of another name: that one must not prune, and not the one above it", () => {
    const ROOT = fluxKey("flux-system", "root");
    const handed = (fate: Outcome["fate"]) =>
      report(
        lose(claim("player"), { fate, causes: [ROOT, APPS], leads: [APPS], chain: ["the root drops apps", "then"] }),
        lose(APPS, { causes: [ROOT], chain: ["the root drops apps"] }),
      )[0]!.next;
    expect(handed("recreated")).toContain("Set prune: false on Kustomization flux-system/apps in");
    expect(handed("deleted")).toContain("Set prune: false on Kustomization flux-system/root in");
  });

  test("advises about itself where nothing else deletes it", () => {
    const [found] = report(lose(APPS, { causes: [] }));
    expect(found!.next).toContain("Set prune: false on Kustomization flux-system/apps in");
  });

  test("says the line of the change at which it begins, unless the finding stands there", () => {
    const origin = { at: place("list.yaml"), says: "no longer lists pvc.yaml" };
    const why = (more: Partial<Outcome>) => report(lose(claim("player"), more, { origin }))[0]!.why;
    const line = " It begins at list.yaml:4:1, which no longer lists pvc.yaml.";
    expect(why({ at: place("pvc.yaml") }).endsWith(line)).toBe(true);
    expect(why({ at: place("list.yaml") })).not.toContain("It begins");
    expect(why({}).endsWith(line)).toBe(true);
    // What took it along stood there, not the object itself.
    expect(why({ at: place("list.yaml"), leads: [APPS] }).endsWith(line)).toBe(true);
  });
});

describe("what is meant to go", () => {
  const meant = { wanted: false, because: "Its document is removed from the tree." };

  test.each([
    [4, "info"],
    [5, "caution"],
    [9, "caution"],
  ])("of danger %i is said as %s", (danger, level) => {
    expect(report(lose(claim("player"), { danger }, meant))).toEqual([
      {
        rule: "will-be-deleted",
        level,
        resource: "PersistentVolumeClaim media/player",
        at: place("root.yaml"),
        what: "Flux deletes PersistentVolumeClaim player.",
        why: "Its document is removed from the tree.",
        next: "Nothing to do if it is meant to go; take the edit back otherwise.",
      },
    ]);
  });

  test("and what is wanted and accepted: who has settled it", () => {
    const [found] = report(lose(claim("player"), {}, ACCEPTED));
    expect([found!.rule, found!.why]).toEqual(["will-be-deleted", "Somebody wants it. It was accepted with --accept."]);
  });

  test("stays apart from what is wanted and begins with the same", () => {
    const both = report(lose(claim("a"), {}, meant), lose(claim("b")));
    expect(both.map(({ rule, what }) => `${rule} ${what}`)).toEqual([
      "will-be-deleted Flux deletes PersistentVolumeClaim a.",
      "wanted-may-go Flux deletes PersistentVolumeClaim b.",
    ]);
  });
});

describe("one finding a cause", () => {
  const chain = ["the root drops apps"];

  test("what goes along with the first of a chain is named in it", () => {
    const found = report(lose(APPS, { chain }), lose(claim("a"), { chain: [...chain, "its finalizer deletes a"] }));
    expect(found.map(({ what }) => what)).toEqual([
      "Flux deletes Kustomization apps. The same happens to PersistentVolumeClaim media/a.",
    ]);
  });

  test("objects that begin apart are apart, unless they are one mass", () => {
    const mass = { mass: true, because: "3 of the 4 objects go at once." } as const;
    expect(report(lose(claim("a")), lose(claim("b")))).toHaveLength(2);
    expect(report(lose(claim("a"), {}, mass), lose(claim("b"), {}, mass)).map(({ what }) => what)).toEqual([
      "Flux deletes PersistentVolumeClaim a. The same happens to PersistentVolumeClaim media/b. 3 of the 4 objects go at once.",
    ]);
    expect(report(lose(claim("a"), {}, mass), lose(claim("b"), { causes: [RELEASE] }, mass))).toHaveLength(2);
    expect(report(lose(claim("a"), {}, mass), lose(claim("b"), { begins: "force" }, mass))).toHaveLength(2);
  });
});

describe("Flux itself", () => {
  const core = (more: Partial<Outcome> = {}, rest: Partial<Loss> = {}) => lose(CRD, { danger: 9, ...more }, rest);

  test("is one blocker, and what goes with it is not said again", () => {
    const along = lose(claim("player"), { chain: ["the CRD goes", "every Kustomization goes"] });
    expect(report(core(), along)).toEqual([
      {
        rule: "flux-may-go",
        level: "blocker",
        resource: "CustomResourceDefinition kustomizations.kustomize.toolkit.fluxcd.io",
        at: place("root.yaml"),
        what: "Flux deletes itself: CustomResourceDefinition kustomizations.kustomize.toolkit.fluxcd.io.",
        why: "Flux-system/apps applies kustomizations.kustomize.toolkit.fluxcd.io no more. Nothing guarantees that the operator has taken them over by then, and without the CRDs every FluxKustomization and HelmRelease goes, finalizers and all.",
        next: "Merge what adds the operator first, wait until the FluxInstance is Ready and the objects carry its labels, then remove the old install.",
      },
    ]);
  });

  test("says where to look when the change brings what takes it over, as the direct route does in one merge", () => {
    expect(report(core({ after: ["flux-operator" as never] }))[0]?.next).toContain("`--phase all --direct`");
  });

  test("does not hide what begins on its own", () => {
    const rules = report(core(), lose(claim("player"))).map(({ rule }) => rule);
    expect(rules).toEqual(["flux-may-go", "wanted-may-go"]);
  });

  test("stands where it is written, else where what delivered it is", () => {
    const apps = lose(APPS, { at: place("apps.yaml") });
    const placeOf = (...losses: Loss[]) => report(...losses)[0]!.at?.file;
    expect(placeOf(core(), apps)).toBe("apps.yaml");
    expect(placeOf(core({ at: place("crds.yaml") }), apps)).toBe("crds.yaml");
    expect(placeOf(core(), lose(RELEASE, { at: place("release.yaml") }))).toBe("root.yaml");
    expect(placeOf(core(), lose(APPS))).toBe("root.yaml");
  });

  test("says the line at which it begins", () => {
    const origin = { at: place("list.yaml"), says: "no longer lists flux.yaml" };
    expect(report(core({}, { origin }))[0]!.why).toContain(
      "no more. It begins at list.yaml:4:1, which no longer lists flux.yaml. Nothing guarantees",
    );
  });

  test.each([
    ["meant to go", { wanted: false }],
    ["accepted", ACCEPTED],
  ])("is no blocker where it is %s", (_title, rest) => {
    const along = lose(claim("player"), { chain: ["the CRD goes", "all goes"] });
    expect(report(core({}, rest), along).map(({ rule }) => rule)).toEqual(["will-be-deleted", "wanted-may-go"]);
  });
});

test("many names are counted from the fifth on", () => {
  const names = (...all: string[]) => sayNames(all.map((name) => lose(`|Namespace||${name}`).outcome));
  expect(names("a")).toBe("Namespace a");
  expect(names("a", "b")).toBe("Namespace a and Namespace b");
  expect(names("a", "b", "c", "d")).toBe("Namespace a, Namespace b, Namespace c and Namespace d");
  expect(names("a", "b", "c", "d", "e", "f")).toBe("Namespace a, Namespace b, Namespace c, Namespace d and 2 more");
});
