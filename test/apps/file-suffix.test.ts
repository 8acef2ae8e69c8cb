import { expect, test } from "vitest";
import { fluxKustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll } from "../gotk/run-phases.ts";

const config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n";

/** Names of the files that deliver the two apps, with the apps of a tree in files of these names. */
function deliverers(names: readonly string[]): string[] {
  const files: Files = makeFluxSystem("clusters/home");
  for (const file of names) {
    const [name = ""] = file.split(/-(?:ks|kustomization|db)\b|\./);
    files[`clusters/home/${file}`] = fluxKustomization(name, `./apps/${name}`);
    files[`apps/${name}/settings.yaml`] = config.replace("settings", name);
  }
  const { install, cleanup } = runAll(files);
  const made = (of: Files) => Object.keys(of).filter((path) => /flux-(?:operator|instance)[^/]*$/.test(path));
  expect(made(cleanup.files)).toEqual(made(install.files));
  return made(install.files).map((path) => path.split("/").at(-1)!);
}

test.each([
  [["web-ks.yaml", "mail-ks.yaml"], "-ks"],
  [["web-kustomization.yaml", "mail-kustomization.yaml", "chat.yaml"], "-kustomization"],
  [["web-ks.yaml"], ""],
  [["web-db.yaml", "mail-db.yaml"], ""],
  [["web.yaml", "mail.yaml", "chat-ks.yaml"], ""],
])("beside %j the new FluxKustomizations are called flux-operator%s.yaml", (names, suffix) => {
  expect(deliverers(names).sort()).toEqual([`flux-instance${suffix}.yaml`, `flux-operator${suffix}.yaml`]);
});
