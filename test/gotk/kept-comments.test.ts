import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem, makeGotk } from "./make-gotk.ts";
import { instanceText, runPhase } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";

/** What the FluxInstance says for a folder of the sync with this kustomization, and `sync` in place of its gotk-sync.yaml. */
function instanceOf(patches: string, sync?: string, more: Record<string, string> = {}): string {
  const list = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n";
  const files = {
    ...makeFluxSystem("clusters/home", { kustomization: list + patches }),
    ...(sync === undefined ? {} : { [`${DIR}/gotk-sync.yaml`]: sync }),
    [`${DIR}/gotk-components.yaml`]: makeGotk(),
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": CONFIG,
    ...more,
  };
  return instanceText(runPhase(files, "install").files);
}

const flags = (flag: string, name: string) =>
  `  - patch: |\n      - op: add\n        path: /spec/template/spec/containers/0/args/-\n        value: --${flag}\n    target:\n      kind: Deployment\n      name: ${name}\n`;

test("what stands behind the last patch of a list goes below the last patch", () => {
  const text = instanceOf(`patches:\n${flags("concurrent=9", "helm-controller")}  # the last word\n`);
  expect(text).toMatch(/name: helm-controller\n +# the last word\n/);
  const above = instanceOf(`patches:\n${flags("concurrent=9", "helm-controller")}# of the file\n`);
  expect(above).not.toContain("# of the file");
});

test("a comment in a patch that is commented out goes with that patch", () => {
  const off = flags("log-level=debug", "helm-controller").replaceAll(/^ {2}/gm, "  #");
  const said = off.replace("  #  target:", "  #  # for a day only\n  #  target:");
  const text = instanceOf(`patches:\n${flags("concurrent=9", "helm-controller")}${said}`);
  expect(text).not.toContain("for a day only");
  expect(text).toMatch(/name: helm-controller\n +sync:/);
  expect(instanceOf(`patches:\n${flags("concurrent=9", "helm-controller")}  ## a heading\n`)).toContain("## a heading");
});

test("what stands at the keys around a list may speak of the next key, and goes below no patch", () => {
  const sync = makeFluxSystem("clusters/home")[`${DIR}/gotk-sync.yaml`]!.replace(
    "  prune: true\n",
    `  patches:\n${flags("concurrent=9", "helm-controller")}  # Deletes what goes.\n  prune: true\n`,
  );
  expect(instanceOf("", sync)).not.toMatch(/name: helm-controller\n +# Deletes/);
});

test("a comment is said once, in letters of any script", () => {
  const all = [
    flags("no-cross-namespace-refs=true", "(kustomize|helm|notification)-controller"),
    flags("no-remote-bases=true", "kustomize-controller"),
    flags("default-service-account=default", "(kustomize|helm)-controller"),
  ];
  const files = {
    ...makeFluxSystem("clusters/home", {
      kustomization: `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n${all.map((one) => `  # \u0417\u0430\u043c\n${one}`).join("")}`,
      root: { serviceAccountName: "kustomize-controller" },
    }),
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": CONFIG,
  };
  expect(instanceText(runPhase(files, "install").files).match(/\u0417\u0430\u043c/g)).toHaveLength(1);
});

test("a rule of dashes around a comment belongs to it, and hides none of the others", () => {
  const rule = "# ------------------";
  const lockdown = [
    flags("no-cross-namespace-refs=true", "(kustomize|helm|notification)-controller"),
    flags("no-remote-bases=true", "kustomize-controller"),
    flags("default-service-account=default", "(kustomize|helm)-controller"),
  ].join("");
  const root = { serviceAccountName: "kustomize-controller" };
  const files = {
    ...makeFluxSystem("clusters/home", {
      kustomization: `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${rule}\n# Lockdown.\n${rule}\npatches:\n${lockdown}`,
      root,
    }),
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": CONFIG,
  };
  const text = instanceText(runPhase(files, "install").files);
  expect(text).toMatch(new RegExp(`${rule}\\n +# Lockdown\\.\\n +${rule}\\n +multitenant: true`));
});

test("comments of the root without a field of their own come whole, one apart from the other", () => {
  const sync = makeFluxSystem("clusters/home")
    [`${DIR}/gotk-sync.yaml`]!.replace(
      "  prune: true\n",
      "  # --prune is on\n  # (see docs).\n  #\n  # Always.\n  prune: true\n",
    )
    .replace("  sourceRef:", "  # The one\n  # source.\n  sourceRef:");
  const text = instanceOf("", sync);
  const lines = ["# --prune is on", "# (see docs).", "#", "# Always.", "#", "# The one", "# source."];
  expect(text).toContain(lines.map((line) => `        ${line}\n`).join(""));
});

test("what stands above a patch that spec.sync says now comes along", () => {
  const patch =
    "# faster\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  interval: 20s\n";
  const text = instanceOf("patches:\n- path: source.yaml\n", undefined, { [`${DIR}/source.yaml`]: patch });
  expect(text).toMatch(/sync:\n +# faster\n[\s\S]* interval: 20s/);
});
