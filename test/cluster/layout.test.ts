import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { detectLayout, sharesApps } from "../../src/cluster/layout.ts";
import type { DeliveredFluxObject } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";

function item(file: string, spec = "{}", parent?: DeliveredFluxObject, known = true): DeliveredFluxObject {
  const data = { metadata: { name: file }, spec: parse(spec) };
  const object = {
    file,
    doc: 0,
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    name: file,
    namespace: "",
    data,
  };
  const at = { file, line: 1, col: 1 };
  const effective = known ? { known, value: data } : { known, partial: data, unknowns: [{ at, what: "x" }] };
  return { object, namespace: "flux-system", effective, ...(parent ? { parent } : {}) } as DeliveredFluxObject;
}

const ROOT = item("flux/root.yaml", "{path: ./flux}");
const apps = (spec = "") => item("flux/apps.yaml", `{path: ./apps${spec}}`, ROOT);
const below = (parent: DeliveredFluxObject, ...paths: string[]) =>
  paths.map((path) => item(path, "{path: ./x}", parent));
const detect = (
  all: DeliveredFluxObject[],
  wanted?: "apps" | "manifests" | "auto",
  root = "",
  files: Record<string, string> = {},
) => detectLayout(memoryTree(files), all, root, "flux-system", wanted);
const MANIFESTS = { kind: "manifests" };

describe("the layout of the apps", () => {
  test("is learnt from two of them", () => {
    const parent = apps();
    const two = below(parent, "apps/media/player/ks.yaml", "apps/games/chess/ks.yaml");
    const found = { kind: "apps", appsDir: "apps", namespaceDir: "apps/flux-system", parent };
    expect(detect([ROOT, parent, ...two])).toEqual(found);
    expect(detect([ROOT, parent, ...two], "auto")).toEqual(found);
    expect(detect([ROOT, parent, ...two], "manifests")).toEqual(MANIFESTS);
    expect(detect([ROOT, parent, two[0]!])).toEqual(MANIFESTS);
    expect(detect([ROOT, parent, two[0]!], "apps")).toEqual(found);
    expect(detect([ROOT, parent], "apps")).toEqual(MANIFESTS);
  });

  test("is that of most, and of equals the first by name", () => {
    const [one, two] = [item("flux/one.yaml", "{path: ./one}", ROOT), item("flux/two.yaml", "{path: ./two}", ROOT)];
    const in1 = below(one, "one/a/a/ks.yaml", "one/b/b/ks.yaml");
    const in2 = below(two, "two/a/a/ks.yaml", "two/b/b/ks.yaml", "two/c/c/ks.yaml");
    expect(detect([ROOT, one, two, ...in1, ...in2])).toMatchObject({ appsDir: "two", parent: two });
    expect(detect([ROOT, two, one, ...in2.slice(1), ...in1])).toMatchObject({ appsDir: "one", parent: one });
  });

  test("is no habit where most are laid out in another way", () => {
    const parent = apps();
    const deep = below(parent, "apps/a/a/ks.yaml", "apps/b/b/ks.yaml");
    const flat = below(parent, "apps/c/ks.yaml", "apps/d/ks.yaml");
    expect(detect([ROOT, parent, ...deep, flat[0]!])).toMatchObject({ kind: "apps" });
    expect(detect([ROOT, parent, ...deep, ...flat])).toEqual(MANIFESTS);
    expect(detect([ROOT, parent, ...deep, ...flat], "apps")).toMatchObject({ kind: "apps" });
  });

  test.each<[what: string, spec: string, is: boolean]>([
    ["as itself", "", true],
    ["with the account of the controller", ", serviceAccountName: kustomize-controller", true],
    ["to the namespace of Flux", ", targetNamespace: flux-system", true],
    ["as a tenant", ", serviceAccountName: team", false],
    ["to another namespace", ", targetNamespace: media", false],
    ["with a prefix", ", namePrefix: x-", false],
    ["with a suffix", ", nameSuffix: -x", false],
  ])("by what delivers them %s", (_, spec, is) => {
    const parent = apps(spec);
    const two = below(parent, "apps/media/player/ks.yaml", "apps/games/chess/ks.yaml");
    expect(detect([ROOT, parent, ...two]).kind).toBe(is ? "apps" : "manifests");
  });

  test("below the folder that is published", () => {
    const parent = apps();
    const two = below(parent, "deploy/apps/media/player/ks.yaml", "deploy/apps/games/chess/ks.yaml");
    expect(detect([ROOT, parent, ...two], "auto", "deploy")).toMatchObject({ appsDir: "deploy/apps" });
    expect(detect([ROOT, parent, ...two])).toEqual(MANIFESTS);
  });

  test.each<[what: string, paths: string[], path: string]>([
    ["too high", ["apps/player/ks.yaml", "apps/chess/ks.yaml"], "./apps"],
    ["too deep", ["apps/a/b/c/ks.yaml", "apps/a/b/d/ks.yaml"], "./apps"],
    ["at the top", ["media/player/ks.yaml", "games/chess/ks.yaml"], "./"],
    ["in a folder with a variable", ["apps/media/player/ks.yaml", "apps/games/chess/ks.yaml"], "./${DIR}"],
  ])("is none where they stand %s", (_, paths, path) => {
    const parent = item("flux/apps.yaml", `{path: '${path}'}`, ROOT);
    expect(detect([ROOT, parent, ...below(parent, ...paths)])).toEqual(MANIFESTS);
  });
});

describe("the folder of the Flux namespace", () => {
  const parent = apps();
  const in2 = (second: DeliveredFluxObject, files: Record<string, string> = {}) =>
    detect([ROOT, parent, item("apps/media/player/ks.yaml", "{path: ./x}", parent), second], "auto", "", files)
      .namespaceDir;
  const own = (file: string, namespace = "flux-system") =>
    item(file, `{path: ./x, targetNamespace: ${namespace}}`, parent);
  const LIST = { "apps/system/kustomization.yaml": "resources: []\n" };

  test("is called so, or is where its apps stand", () => {
    expect(in2(own("apps/system/hooks/ks.yaml"), LIST)).toBe("apps/system");
    expect(in2(own("apps/system/hooks/ks.yaml"), { ...LIST, "apps/flux-system/a.yaml": "" })).toBe("apps/flux-system");
    expect(in2(own("apps/system/hooks/ks.yaml"))).toBe("apps/flux-system");
    expect(in2(own("apps/system/hooks/ks.yaml", "media"), LIST)).toBe("apps/flux-system");
    expect(in2(own("other/system/hooks/ks.yaml"), LIST)).toBeUndefined();
  });
});

describe("a folder for each namespace", () => {
  const space = (name: string, spec = "", parent = apps()) =>
    item(`apps/${name}/ks.yaml`, `{path: ./apps/${name}${spec}}`, parent);
  const of = (flux: DeliveredFluxObject, ...others: DeliveredFluxObject[]) =>
    detect([
      ROOT,
      flux,
      ...others,
      ...[flux, ...others].flatMap((one) => below(one, `${one.object.file.replace("ks.yaml", "app/ks.yaml")}`)),
    ]);

  test("is kept by two, one of them that of Flux", () => {
    const flux = space("flux-system");
    expect(of(flux, space("media"))).toEqual({
      kind: "apps",
      appsDir: "apps",
      namespaceDir: "apps/flux-system",
      parent: flux,
    });
    expect(of(flux)).toEqual(MANIFESTS);
    expect(of(space("games"), space("media"))).toEqual(MANIFESTS);
    expect(of(space("flux-system", ", serviceAccountName: team"), space("media"))).toEqual(MANIFESTS);
    expect(of(space("flux-system", ", targetNamespace: x"), space("media"))).toEqual(MANIFESTS);
    expect(of(space("flux-system", "", item("flux/apps.yaml", "{path: ./other}", ROOT)), space("media"))).toEqual(
      MANIFESTS,
    );
  });
});

test("apps that another cluster builds too are shared", () => {
  const layout = { kind: "apps", appsDir: "apps", namespaceDir: "apps/flux-system" } as Parameters<
    typeof sharesApps
  >[0];
  const shares = (path: string, artifactRoot = "", known = true) =>
    sharesApps(layout, [{ kustomizations: [item("a.yaml", `{path: '${path}'}`, undefined, known)], artifactRoot }]);
  expect(["./apps", "apps/flux-system", "./"].map((path) => shares(path))).toEqual([true, true, false]);
  expect(["./apps/media", "./flux", "./${DIR}"].map((path) => shares(path))).toEqual([false, false, false]);
  expect(shares("./", "apps")).toBe(true);
  expect(shares("./apps", "", false)).toBe(true);
  expect(
    sharesApps({ kind: "manifests" }, [{ kustomizations: [item("a.yaml", "{path: ./}")], artifactRoot: "" }]),
  ).toBe(false);
  expect(sharesApps(layout, [])).toBe(false);
});
