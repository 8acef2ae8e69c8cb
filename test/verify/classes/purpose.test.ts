import { describe, expect, test } from "vitest";
import { readSettings } from "../../../src/change/settings.ts";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const APPS = "kubernetes/apps";
const APP = `${APPS}/media/player/app`;
const LISTING = `${APP}/kustomization.yaml`;
const MEDIA = `${APPS}/media/kustomization.yaml`;
const PLAYER = `${APPS}/media/player/ks.yaml`;
const CHESS = `${APPS}/games/chess/ks.yaml`;
const CLAIM = "PersistentVolumeClaim media/player";
const PART = "components: [../../../../../parts/x]";
const alone = { [CHESS]: ks("chess", `${APPS}/games/chess/app`, ["targetNamespace: games"]) };
/** A second app beside the player. */
const pair: Files = {
  ...homeTree(),
  ...alone,
  [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
  [`${APPS}/media/radio/ks.yaml`]: ks("radio", `${APPS}/media/radio/app`, ["targetNamespace: media"]),
  [`${APPS}/media/radio/app/helmrelease.yaml`]: release("radio"),
};
const single: Files = { ...homeTree(), ...alone };
const component = (resources: string[]) =>
  kustomization(resources).replace("v1beta1", "v1alpha1").replace("kind: Kustomization", "kind: Component");
const said = (tree: Files, edits: Edits) => {
  const { safety, wanted, meant } = judge(tree, edits);
  return { verdict: safety.verdict, wanted, meant };
};

describe("on purpose", () => {
  test("goes an app that is taken out of one list, its data named first", () => {
    const { safety } = judge(pair, { [MEDIA]: kustomization(["namespace.yaml", "radio/ks.yaml"]) });
    expect(safety.verdict).toBe("deletes");
    expect(safety.dangers.map(({ resource }) => resource)).toEqual([
      CLAIM,
      "HelmRelease media/player",
      "Kustomization flux-system/player",
    ]);
  });

  test("goes an app that is the only one of its list, which stays as an empty one", () => {
    const tree = {
      ...single,
      [MEDIA]: kustomization(["player/ks.yaml"]),
      [`${APPS}/media/namespace.yaml`]: undefined!,
    };
    delete (tree as Edits)[`${APPS}/media/namespace.yaml`];
    const empty = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: media\nresources:\n";
    expect(said(tree, { [MEDIA]: empty }).wanted).toEqual([]);
  });

  test("goes an app by the folder that holds it, with its ks.yaml and all else", () => {
    const guarded = object("Namespace", "media", "v1", ["  labels: {kustomize.toolkit.fluxcd.io/prune: disabled}"]);
    const list = `${APPS}/kustomization.yaml`;
    const tree = { ...single, [`${APPS}/media/namespace.yaml`]: guarded, [list]: kustomization(["media", "games"]) };
    expect(said(tree, { [list]: kustomization(["games"]) })).toMatchObject({ verdict: "deletes", wanted: [] });
    const two = { ...tree, ...pair, [`${APPS}/media/namespace.yaml`]: guarded, [list]: tree[list]! };
    expect(said(two, { [list]: kustomization(["games"]) }).verdict).toBe("unsafe");
  });

  test("goes data with the Kustomization of its app, whose document is deleted", () => {
    const edits = { [MEDIA]: kustomization(["namespace.yaml"]), [PLAYER]: undefined };
    expect(said(single, edits)).toMatchObject({ verdict: "deletes", wanted: [] });
  });

  test("goes data whose own document is deleted", () => {
    const edits = { [`${APP}/pvc.yaml`]: undefined, [LISTING]: kustomization(["helmrelease.yaml"]) };
    expect(said(single, edits)).toEqual({ verdict: "deletes", wanted: [], meant: [`deleted ${CLAIM}`] });
  });

  test("goes an app whose files move to an archive, data among them", () => {
    const files = Object.keys(single).filter((file) => file.startsWith(`${APPS}/media/player/`));
    const moved = (to: string): Edits => ({
      [MEDIA]: kustomization(["namespace.yaml"]),
      ...Object.fromEntries(files.map((file) => [file, undefined])),
      ...Object.fromEntries(files.map((file) => [`${to}/${file}`, single[file]!])),
    });
    expect(said(single, moved(".archive"))).toMatchObject({ verdict: "deletes", wanted: [] });
    expect(said(single, moved(".archive")).meant).toContain(`deleted ${CLAIM}`);
    // So may one that is called an archive, and read.
    const lists = kustomization(["namespace.yaml", "archive/map.yaml"]);
    const all = kustomization(["namespace.yaml", "archive/map.yaml", "player/ks.yaml"]);
    const used = { ...single, [MEDIA]: all, [`${APPS}/media/archive/map.yaml`]: object("ConfigMap", "more", "v1") };
    const edits = { ...moved(`${APPS}/media/archive`), [MEDIA]: lists };
    expect(said(used, edits)).toMatchObject({ verdict: "unsafe" });
    // A place that is no archive may be one that somebody forgot to list.
    expect(said(single, moved("spare"))).toMatchObject({ verdict: "unsafe" });
  });

  test("goes what another namespace gets in the same change, unless it holds something", () => {
    const map = (file: string, namespace: string, kind = "ConfigMap", version = "v1") => ({
      [`${APPS}/${file}`]: object(kind, "shared", version, [`  namespace: ${namespace}`]),
    });
    const tree: Files = {
      ...single,
      ...map("media/shared.yaml", "media"),
      [MEDIA]: kustomization(["namespace.yaml", "shared.yaml", "player/ks.yaml"]),
    };
    const games = `${APPS}/games/kustomization.yaml`;
    const moved: Edits = {
      [`${APPS}/media/shared.yaml`]: undefined,
      [MEDIA]: single[MEDIA]!,
      ...map("games/shared.yaml", "games"),
      [games]: single[games]!.replace("resources:\n", "resources:\n  - shared.yaml\n"),
    };
    expect(said(tree, moved)).toEqual({ verdict: "deletes", wanted: [], meant: ["deleted ConfigMap media/shared"] });
    const archived = { ...moved, "archive/shared.yaml": tree[`${APPS}/media/shared.yaml`]! };
    expect(said(tree, archived)).toMatchObject({ verdict: "unsafe", wanted: ["deleted ConfigMap media/shared"] });
    // What the controller of a kind that is not known takes along with the old object, nobody can say.
    for (const [kind, version] of [
      ["PersistentVolumeClaim", "v1"],
      ["Certificate", "cert-manager.io/v1"],
    ] as const) {
      const held = said(
        { ...tree, ...map("media/shared.yaml", "media", kind, version) },
        { ...moved, ...map("games/shared.yaml", "games", kind, version) },
      );
      expect(held.wanted).toEqual([`deleted ${kind} media/shared`]);
    }
  });

  test("go several apps with all their documents", () => {
    const gone = [PLAYER, `${APPS}/media/radio/ks.yaml`];
    const edits = {
      [MEDIA]: kustomization(["namespace.yaml"]),
      ...Object.fromEntries(gone.map((one) => [one, undefined])),
    };
    expect(said(pair, edits)).toMatchObject({ verdict: "deletes", wanted: [] });
  });

  test("goes the only component of an app, with the field that listed it", () => {
    const parts = {
      "parts/x/kustomization.yaml": component(["config.yaml"]),
      "parts/x/config.yaml": object("ConfigMap", "config"),
    };
    const plain = homeTree()[LISTING]!;
    const listed = { ...single, ...parts, [LISTING]: `${plain}${PART}\n` };
    const without = (text: string) => said(listed, { [LISTING]: text });
    expect(without(plain)).toMatchObject({ verdict: "deletes", wanted: [] });
    expect(without(`${plain}${PART}\n`.replace("components:", "component:"))).toMatchObject({ verdict: "unsafe" });
    expect(without(`${plain}---\n${PART}\n`)).not.toMatchObject({ verdict: "deletes" });
  });

  test("go apps with their folders, and what these take from parts that others use", () => {
    const listing = `${APPS}/media/radio/app/kustomization.yaml`;
    const shared: Files = {
      ...pair,
      [MEDIA]: kustomization(["player/ks.yaml", "radio/ks.yaml", "../../../parts/alerts"]),
      [LISTING]: kustomization(["helmrelease.yaml"], [PART]),
      [listing]: kustomization(["helmrelease.yaml"], [PART, "nameSuffix: -radio"]),
      "parts/alerts/kustomization.yaml": kustomization(["alert.yaml"]),
      "parts/alerts/alert.yaml": object("ConfigMap", "alert", "v1", ["  namespace: media"]),
      "parts/x/kustomization.yaml": component(["claim.yaml"]),
      "parts/x/claim.yaml": object("PersistentVolumeClaim", "data"),
    };
    const without = (folder: string) =>
      Object.fromEntries(Object.keys(shared).flatMap((file) => (file.startsWith(folder) ? [[file, undefined]] : [])));
    expect(said(shared, without(`${APPS}/media/`))).toMatchObject({ verdict: "deletes", wanted: [] });
    const both = { ...without(`${APPS}/media/player/`), ...without(`${APPS}/media/radio/`) };
    const list = { [MEDIA]: kustomization(["../../../parts/alerts"]) };
    expect(said(shared, { ...both, ...list })).toMatchObject({ verdict: "deletes", wanted: [] });
    expect(said(shared, list).verdict).toBe("unsafe");
  });

  test("goes a namespace with every document in it", () => {
    const gone = Object.keys(single).filter((file) => file.startsWith(`${APPS}/media/`));
    expect(said(single, Object.fromEntries(gone.map((file) => [file, undefined])))).toMatchObject({
      verdict: "deletes",
    });
  });
});

describe("by accident", () => {
  test.each<[string, Files, Edits]>([
    ["several apps leave a list at once", pair, { [MEDIA]: kustomization(["namespace.yaml"]) }],
    [
      "apps leave two lists at once",
      pair,
      {
        [MEDIA]: kustomization(["namespace.yaml", "radio/ks.yaml"]),
        [`${APPS}/games/kustomization.yaml`]: kustomization(["namespace.yaml"]),
      },
    ],
    [
      "a component gives up the claim of all apps that use it",
      {
        ...pair,
        [LISTING]: kustomization(["helmrelease.yaml"], [PART]),
        [`${APPS}/media/radio/app/kustomization.yaml`]: kustomization(
          ["helmrelease.yaml"],
          [PART, "nameSuffix: -radio"],
        ),
        "parts/x/kustomization.yaml": component(["claim.yaml", "config.yaml"]),
        "parts/x/claim.yaml": object("PersistentVolumeClaim", "player"),
        "parts/x/config.yaml": object("ConfigMap", "config"),
      },
      { "parts/x/kustomization.yaml": component(["config.yaml"]) },
    ],
    ["a list is called resource", single, { [LISTING]: homeTree()[LISTING]!.replace("resources:", "resource:") }],
    [
      "a list is called resource beside one of components",
      {
        ...single,
        [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml"], [PART]),
        "parts/x/kustomization.yaml":
          "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {part: x}\n",
      },
      { [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml"], [PART]).replace("resources:", "resource:") },
    ],
    [
      "a path points at another app",
      single,
      { [PLAYER]: ks("player", `${APPS}/games/chess/app`, ["targetNamespace: media"]) },
    ],
    [
      "an ignore file grows",
      single,
      {
        [`${APP}/.sourceignore`]: "pvc.yaml\n",
        [LISTING]: undefined,
        [PLAYER]: ks("player", APP, ["targetNamespace: media"]),
      },
    ],
    [
      "a parent goes, and its children stay in the tree",
      {
        ...single,
        "kubernetes/flux/kustomization.yaml": kustomization([
          "config",
          "vars/cluster-settings.yaml",
          "vars/settings.sops.yaml",
          "apps.yaml",
        ]),
      },
      {
        "kubernetes/flux/apps.yaml": undefined,
        "kubernetes/flux/kustomization.yaml": kustomization([
          "config",
          "vars/cluster-settings.yaml",
          "vars/settings.sops.yaml",
        ]),
      },
    ],
    [
      "a document moves to where nothing delivers it",
      single,
      {
        [`${APP}/pvc.yaml`]: undefined,
        "spare/pvc.yaml": object("PersistentVolumeClaim", "player"),
        [LISTING]: kustomization(["helmrelease.yaml"]),
      },
    ],
  ])("%s", (_, tree, edits) => {
    const { verdict, wanted } = said(tree, edits);
    expect(verdict).toBe("unsafe");
    expect(wanted).toContain(`deleted ${CLAIM}`);
  });

  test("data whose document stays goes with its namespace, although that is taken out", () => {
    const tree = {
      ...single,
      [PLAYER]: ks("player", APP, ["targetNamespace: media", "prune: false"]).replace("  prune: true\n", ""),
    };
    const edits = { [MEDIA]: kustomization(["player/ks.yaml"]) };
    expect(said(tree, edits).verdict).toBe("unsafe");
  });

  test("the finding says how many and what would be a decision", () => {
    const { findings } = judge(pair, { [MEDIA]: kustomization(["namespace.yaml"]) });
    const texts = findings.filter(({ rule }) => rule === "wanted-may-go").map(({ why }) => why);
    expect(texts.join()).toContain("takes 2 apps out at once, and the documents stay in the tree");
  });
});

describe("a Kustomization without a sourceRef", () => {
  const bare = ks("player", APP, ["targetNamespace: media"]).replace(/ {2}sourceRef:\n.*\n.*\n/, "");

  test("is refused: nothing is applied and nothing deleted", () => {
    expect(bare).not.toContain("sourceRef");
    const { blockers, wanted, meant, findings } = judge(single, { [PLAYER]: bare });
    expect([blockers, wanted, meant]).toEqual([["build-breaks"], [], []]);
    expect(findings[0]!.what).toContain("Kustomization player has no spec.sourceRef");
  });

  test.each(["interval", "prune"])("nor is one without %s", (field) => {
    const text = ks("player", APP, ["targetNamespace: media"]).replace(new RegExp(`  ${field}: .*\n`), "");
    expect(judge(single, { [PLAYER]: text }).blockers).toEqual(["build-breaks"]);
  });
});

describe("much of one inventory at once", () => {
  const folder = `${APPS}/games/chess/app`;
  const names = Array.from({ length: 12 }, (_, index) => `map-${index}`);
  const tree: Files = {
    ...single,
    [`${folder}/kustomization.yaml`]: kustomization(names.map((name) => `${name}.yaml`)),
  };
  delete tree[`${folder}/helmrelease.yaml`];
  for (const name of names) tree[`${folder}/${name}.yaml`] = object("ConfigMap", name);
  const drop = (count: number) => ({
    ...Object.fromEntries(names.slice(0, count).map((name) => [`${folder}/${name}.yaml`, undefined])),
    [`${folder}/kustomization.yaml`]: kustomization(names.slice(count).map((name) => `${name}.yaml`)),
  });

  test("is no decision from ten on and more than half, and said once", () => {
    const { safety, findings } = judge(tree, drop(10));
    expect(safety.verdict).toBe("unsafe");
    expect(findings.filter(({ level }) => level === "blocker")).toHaveLength(1);
    expect(findings[0]!.what).toContain("10 of the 12 objects of Kustomization flux-system/chess go at once");
  });

  test("is a decision with the whole folder of an app that a list gives up", () => {
    const apps = `${folder}/draughts`;
    const files = Object.fromEntries(names.map((name) => [`${apps}/${name}.yaml`, object("ConfigMap", `${name}-two`)]));
    const list = { [`${apps}/kustomization.yaml`]: kustomization(names.map((name) => `${name}.yaml`)) };
    const own = { [`${folder}/kustomization.yaml`]: kustomization(["map-0.yaml", "draughts"]) };
    const gone = Object.fromEntries(Object.keys({ ...files, ...list }).map((path) => [path, undefined]));
    const left = { [`${folder}/kustomization.yaml`]: kustomization(["map-0.yaml"]) };
    const before = { ...tree, ...files, ...list, ...own };
    expect(judge(before, { ...gone, ...left }).safety.verdict).toBe("deletes");
    // A file of it stays, or all leave the list while the folder does.
    expect(
      judge(before, { ...gone, ...left, [`${apps}/map-1.yaml`]: files[`${apps}/map-1.yaml`]! }).safety.verdict,
    ).toBe("unsafe");
    expect(judge(before, { ...gone, [`${apps}/kustomization.yaml`]: kustomization([]) }).safety.verdict).toBe("unsafe");
    // A folder of many apps is no app.
    const running = (count: number) =>
      Object.fromEntries(
        names.slice(0, count).map((name) => [`${apps}/${name}.yaml`, object("DaemonSet", `${name}-two`)]),
      );
    expect(judge({ ...before, ...running(3) }, { ...gone, ...left }).safety.verdict).toBe("deletes");
    expect(judge({ ...before, ...running(4) }, { ...gone, ...left }).safety.verdict).toBe("unsafe");
  });

  test("may be more or less for whoever says so", () => {
    const dropped = (count: number, said: Parameters<typeof readSettings>[0]) =>
      judge(tree, drop(count), 0, undefined, [], readSettings(said)).safety.verdict;
    expect(dropped(3, { massCount: 3, massShare: 0.2 })).toBe("unsafe");
    expect(dropped(11, { massShare: 0.95 })).toBe("deletes");
  });

  test("is one below that, and with its Kustomization", () => {
    expect(judge(tree, drop(9)).safety.verdict).toBe("deletes");
    const whole = { ...drop(12), [`${folder}/kustomization.yaml`]: undefined, [CHESS]: undefined };
    const edits = { ...whole, [`${APPS}/games/kustomization.yaml`]: kustomization(["namespace.yaml"]) };
    expect(judge(tree, edits).safety.verdict).toBe("deletes");
  });
});
