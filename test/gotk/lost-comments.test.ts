import { describe, expect, test } from "vitest";
import { APP, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, instanceText, runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const LIST = `${DIR}/kustomization.yaml`;

const PATCHES = `resources:
  - gotk-components.yaml
  - gotk-sync.yaml
# Keep this in step with the other cluster.
patches:
  # Raised after the outage.
  # limits: none
  - patch: |
      # - op: test
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=20
    target:
      kind: Deployment
      name: kustomize-controller
  # - patch: |
  #     - op: replace
  #       path: /spec/replicas
  #       value: 2
  #   target:
  #     kind: Deployment
`;

function lost(files: Files) {
  const { install, cutover, cleanup } = runAll({
    ...makeFluxSystem("clusters/home"),
    "clusters/home/apps.yaml": APP,
    ...files,
  });
  const of = ({ findings }: typeof cutover) =>
    findings
      .filter(({ rule }) => rule === "commented-out-lost")
      .map(({ at, what }) => `${at?.file}:${at?.line} ${what}`);
  return { install, cutover: of(cutover), cleanup: of(cleanup) };
}

test("what stands above all patches stands above the first of them afterwards", () => {
  const said =
    "        patches:\n          # Keep this in step with the other cluster.\n          # Raised after the outage.\n";
  const { install } = lost({ [LIST]: kustomization(PATCHES) });
  expect(instanceText(install.files)).toContain(said);
  const all = "# For the controllers.\npatches:\n";
  const file = {
    [LIST]: kustomization(
      PATCHES.replace(/patches:[\s\S]*/, "patches:\n- path: more.yaml\n").replace(/# Keep.*\npatches:\n/, () => all),
    ),
  };
  const more =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: helm-controller\n  namespace: flux-system\nspec:\n  replicas: 2\n";
  const named = lost({ ...file, [`${DIR}/more.yaml`]: more });
  expect(instanceText(named.install.files)).toContain(
    "        patches:\n          # For the controllers.\n          - patch: |",
  );
});

test("what stands above a patch that becomes a field stands above the field, and the list's own above the first of them", () => {
  const policies =
    "  # Cilium has its own.\n  - patch: |\n      # none of them\n      $patch: delete\n      apiVersion: networking.k8s.io/v1\n      kind: NetworkPolicy\n      metadata:\n        name: all\n    target:\n      kind: NetworkPolicy\n";
  const only = kustomization(PATCHES.replace(/ {2}# Raised[\s\S]*/, () => policies));
  const { install } = lost({ [LIST]: only });
  expect(instanceText(install.files)).toContain(
    "        # Keep this in step with the other cluster.\n        # Cilium has its own.\n        # none of them\n        networkPolicy: false\n",
  );
  const setting = lost({ [LIST]: only.replace("# Cilium has its own.", "# networkPolicy: true") });
  expect(instanceText(setting.install.files)).toContain(
    "        # Keep this in step with the other cluster.\n        # none of them\n        networkPolicy: false\n",
  );
  // Words about a generated file are no mark of one.
  const about = lost({ [LIST]: only.replace("# Cilium has its own.", "# These fix the (DO NOT EDIT) files of flux.") });
  expect(instanceText(about.install.files)).toContain("        # These fix the (DO NOT EDIT) files of flux.\n");
});

test("what each patch of a file says of itself stands above the field that it becomes", () => {
  const names = ["allow-egress", "allow-scraping", "allow-webhooks"];
  const policy = (name: string) =>
    `---\n# No ${name} here.\n$patch: delete\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: ${name}\n  namespace: flux-system\n`;
  const one = { [`${DIR}/off.yaml`]: names.map(policy).join("") };
  const each = Object.fromEntries(names.map((name) => [`${DIR}/${name}.yaml`, policy(name)]));
  const ways: [string, Files][] = [
    ["patchesStrategicMerge:\n- off.yaml\n", one],
    [`patches:\n${names.map((name) => `- path: ${name}.yaml\n`).join("")}`, each],
  ];
  for (const [list, files] of ways) {
    const text = kustomization(PATCHES.replace(/# Keep[\s\S]*/, () => list));
    expect(instanceText(lost({ [LIST]: text, ...files }).install.files)).toContain(
      `${names.map((name) => `        # No ${name} here.\n`).join("")}        networkPolicy: false\n`,
    );
  }
});

test("what stands above a patch goes along with one that has an alias in it, or another form", () => {
  const target = "target: &all\n      kind: Deployment\n";
  const more = `  # Twice, by mistake.
  - patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --requeue-dependency=5s
    target: *all
patchesJson6902:
  # As the docs say.
  - target: { group: apps, version: v1, kind: Deployment, name: helm-controller }
    patch: '[{"op": "replace", "path": "/spec/replicas", "value": 2}]'
`;
  const patches = PATCHES.replace(/ {2}# - patch[\s\S]*/, "").replace("target:\n      kind: Deployment\n", target);
  const { install } = lost({ [LIST]: kustomization(patches + more) });
  expect(instanceText(install.files)).toContain("          # Twice, by mistake.\n          - patch: |\n");
  expect(instanceText(install.files)).toContain("          # As the docs say.\n          - patch: ");
});

test("a patch of the sync in the same list goes as well", () => {
  const root =
    "  - patch: |\n      - op: add\n        path: /spec/serviceAccountName\n        value: kustomize-controller\n    target:\n      kind: Kustomization\n      name: flux-system\n";
  const { install } = lost({ [LIST]: kustomization(`${PATCHES.replace(/ {2}# - patch[\s\S]*/, "")}${root}`) });
  expect(instanceText(install.files)).toContain("          # Keep this in step with the other cluster.\n");
});

test("a list that keeps a patch keeps what stands above it", () => {
  const other =
    "  - target:\n      kind: Kustomization\n      name: apps\n    patch: |\n      - op: add\n        path: /spec/suspend\n        value: false\n";
  const { install, cutover } = runAll({
    ...makeFluxSystem("clusters/home", { more: { "apps.yaml": APP } }),
    [LIST]: kustomization(
      `${PATCHES.replace("gotk-sync.yaml\n", "gotk-sync.yaml\n  - apps.yaml\n").replace(/ {2}# - patch[\s\S]*/, "")}${other}`,
    ),
  });
  expect(instanceText(install.files)).not.toContain("Keep this in step");
  expect(cutover.files[LIST]).toContain("# Keep this in step with the other cluster.\npatches:\n");
});

describe("settings that are commented out", () => {
  test("are no part of the item below them, whatever lists they hold, and are named with a line of prose above", () => {
    const item =
      "#- patch: |\n#    spec:\n#      containers:\n#        - name: manager\n#  target:\n#    kind: Deployment\n";
    const above = `patches:\n# TODO: the first try - too small\n${item}`;
    const text = PATCHES.replace(/ {2}# - patch[\s\S]*/, "").replace(/^ {2}(?=(?: |-|#) )/gm, "");
    const { install, cutover } = lost({ [LIST]: kustomization(text.replace(/patches:\n# R.*\n# l.*\n/, () => above)) });
    expect(instanceText(install.files)).toContain("- patch: |");
    expect(instanceText(install.files)).not.toContain("kind: Deployment\n          - patch");
    expect(instanceText(install.files)).not.toContain("#  target:");
    const line = install.files[LIST]!.split("\n").indexOf("#- patch: |") + 1;
    expect(cutover.map((said) => said.split(" ")[0])).toEqual([`${LIST}:${line}`]);
  });

  test("are named where the comment of the next patch follows on them", () => {
    const next =
      "  # For more speed.\n  - patch: |\n      - op: replace\n        path: /spec/replicas\n        value: 1\n    target:\n      kind: Deployment\n";
    const { install, cutover } = lost({ [LIST]: kustomization(PATCHES + next) });
    expect(instanceText(install.files)).toContain("          # For more speed.\n          - patch: |\n");
    const line = install.files[LIST]!.split("\n").indexOf("  # - patch: |") + 1;
    expect(cutover).toEqual([expect.stringContaining(`${LIST}:${line} `)]);
    expect(cutover[0]).toContain(`(to line ${line + 5})`);
  });

  test("are named where they go with the last patch, and only where nothing has them afterwards", () => {
    const { install, cutover, cleanup } = lost({ [LIST]: kustomization(PATCHES) });
    expect(instanceText(install.files)).toContain("# Raised after the outage.");
    const line = install.files[LIST]!.split("\n").indexOf("  # - patch: |") + 1;
    expect(cutover).toEqual([
      `${LIST}:${line} The settings that are commented out here (to line ${line + 5}) go with the old install: nothing applies them, so nothing carries them over.`,
    ]);
    expect(cleanup).toEqual([]);
  });

  test("are named in a kustomization that speaks of CRDs", () => {
    const { cutover } = lost({
      [LIST]: kustomization(PATCHES.replace(/ kind: Deployment\n$/, " kind: CustomResourceDefinition\n")),
    });
    expect(cutover).toHaveLength(1);
  });

  test("are named where a file goes as a whole, prose is not", () => {
    const sync = makeFluxSystem("clusters/home")[`${DIR}/gotk-sync.yaml`]!;
    const more = "  # wait: true\n  # timeout: 5m\n# TODO: ask the others\n# This file is read by a script.\n";
    const { cutover, cleanup } = lost({ [`${DIR}/gotk-sync.yaml`]: `${sync}${more}` });
    expect(cutover).toEqual([]);
    expect(cleanup).toHaveLength(0);
    const apart = lost({ [`${DIR}/gotk-sync.yaml`]: `${sync}${more.replace("# TODO", "\n# TODO")}` });
    const line = sync.split("\n").length;
    expect(apart.cleanup.map((said) => said.split(" ")[0])).toEqual([`${DIR}/gotk-sync.yaml:${line}`]);
  });
});

describe("comments beside what the sync takes over", () => {
  const SYNC = `${DIR}/gotk-sync.yaml`;
  const sync = (edit: (text: string) => string) => {
    const files = makeFluxSystem("clusters/home");
    const text = runAll({ ...files, "clusters/home/apps.yaml": APP, [SYNC]: edit(files[SYNC]!) }).install;
    return instanceText(text.files).split("      sync:\n")[1]!;
  };
  const plain = sync((text) => text);

  test("go along with their fields", () => {
    const said = sync((text) =>
      text
        .replace("  interval: 1m0s", "  # the webhook is faster\n  interval: 1m0s # by hand")
        .replace("    branch: main", "    # what CI tests\n    branch: main # protected")
        .replace("  path: ./clusters/home", "  # all of it\n  path: ./clusters/home"),
    );
    const wanted = plain
      .replace("        interval: 1m0s", "        # the webhook is faster\n        interval: 1m0s # by hand")
      .replace("        ref: refs/heads/main", "        # what CI tests\n        ref: refs/heads/main # protected")
      .replace("        path: ./clusters/home", "        # all of it\n        path: ./clusters/home");
    expect(said).toBe(wanted);
    expect(said).not.toBe(plain);
  });

  test("and with an example in it, without the lines of it that are commented out", () => {
    const kept = ["# your fork", "#", "#   url: https://git.example.org/you/fork", "#", "# - never by ssh"];
    const above = [...kept, "# timeout: 5m", "#"];
    const said = sync((text) => text.replace("  url:", `  ${above.join("\n  ")}\n  url:`));
    expect(said).toBe(plain.replace("        url:", `        ${kept.join("\n        ")}\n        url:`));
    expect(said).not.toBe(plain);
  });

  test.each(["# renovate: datasource=git-refs", "# suspend: true", "# see ${WHERE}", "# - main"])(
    "but not %s",
    (line) => {
      expect(sync((text) => text.replace("    branch: main", `    ${line}\n    branch: main`))).toBe(plain);
    },
  );
});

test("what patches of the root say keeps its comments and its quotes, merged with what the file of the sync says", () => {
  const root = { postBuild: { substitute: { REGION: "north", TIER: "base" } } };
  const files = makeFluxSystem("clusters/home", {
    root,
    kustomization: kustomization(`resources:
  - gotk-components.yaml
  - gotk-sync.yaml
patches:
  - path: settings.yaml
  - target:
      kind: Kustomization
      name: flux-system
    patch: |
      - op: add
        path: /spec/dependsOn
        value:
          - name: crds # first of all
`),
  });
  const settings = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  prune: false # until the move is over
  decryption:
    # The key lives in the vault.
    provider: sops
  postBuild:
    substitute:
      # One of a, b.
      TIER: "top" # was: base
      CHART: '1.2.0' # https://charts.example.org/one
`;
  const { install } = lost({ ...files, [`${DIR}/settings.yaml`]: settings, "clusters/home/apps.yaml": APP });
  expect(instanceText(install.files)).toContain(`              spec:
                prune: false # until the move is over
                postBuild:
                  substitute:
                    REGION: north
                    # One of a, b.
                    TIER: "top" # was: base
                    CHART: '1.2.0' # https://charts.example.org/one
                decryption:
                  # The key lives in the vault.
                  provider: sops
                dependsOn:
                  - name: crds # first of all
`);
});

test("no word about source and root is lost, wherever in them it stands", () => {
  const sync = `# This manifest was generated by flux. DO NOT EDIT.
---
# w01
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: # w02
  # w03
  name: flux-system # w04
  namespace: flux-system
spec:
  interval: 1m0s
  ref: # w05
    branch: main # w06
  timeout: 90s # w07
  url: ssh://git@example.org/fleet
# w08
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
  # w09
  annotations: # w10
    # w11
    a: b # w12
spec:
  interval: 10m0s # w13
  path: ./clusters/home
  # w14
  prune: true # w15
  # w16
  decryption: # w17
    # w18
    provider: sops # w19
  # prune: false
  sourceRef: # w20
    kind: GitRepository
    name: flux-system # w21
`;
  const { install } = lost({ [`${DIR}/gotk-sync.yaml`]: sync });
  const text = instanceText(install.files);
  const words = Array.from({ length: 21 }, (_, index) => `# w${String(index + 1).padStart(2, "0")}`);
  expect(words.filter((word) => text.split(`${word}\n`).length !== 2)).toEqual([]);
  expect(text).toContain(
    "annotations:\n                  # w09\n                  # w10\n                  # w11\n                  a: b # w12\n",
  );
  expect(text).toContain("decryption:\n                  # w16\n                  # w17\n                  # w18\n");
  for (const gone of ["# prune: false", "DO NOT EDIT"]) expect(text).not.toContain(gone);
});
