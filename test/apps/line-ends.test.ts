import { expect, test } from "vitest";
import { type Files, homeOps, migrate, run } from "../traps/support.ts";

const HINT = "# Ours\n# yaml-language-server: $schema=https://schemas.example/fluxcd";

/** Apps with an anchor, a schema line and words of the owner's at their top. */
function withHabits(): Files {
  const apps = homeOps();
  const own = Object.entries(apps).map(([path, text]) => {
    if (!path.endsWith("/ks.yaml")) return [path, text];
    const named = text.replace(/name: (\w+)\n(\s+namespace.*\n)spec:\n/, (_all, name, rest) => {
      return `name: &app ${name}\n${rest}spec:\n  commonMetadata:\n    labels:\n      app.kubernetes.io/name: *app\n`;
    });
    return [path, named.replace(/^---\n/, `---\n${HINT}/kustomization-kustomize-v1.json\n`)];
  });
  const files: Files = Object.fromEntries(own);
  const third = Object.keys(files).find((path) => path.endsWith("echo/ks.yaml"))!;
  files["kubernetes/apps/default/kustomization.yaml"] += "  - ./third/ks.yaml\n";
  files["kubernetes/apps/default/third/ks.yaml"] = files[third]!.replaceAll("echo", "third");
  files["kubernetes/apps/default/third/app/configmap.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: t\n";
  return files;
}

const created = (before: Files) => {
  const { files } = migrate(before);
  return Object.entries(files).filter(([path]) => before[path] === undefined);
};

test.each([
  ["CRLF", (text: string) => text.replaceAll("\n", "\r\n"), (text: string) => text.replaceAll("\r\n", "\n")],
  ["a byte order mark", (text: string) => `\uFEFF${text}`, (text: string) => text],
])("habits are learnt from files with %s as from others", (_what, change, plain) => {
  const wanted = created(withHabits());
  const [, ks] = wanted.find(([path]) => path.endsWith("flux-operator/ks.yaml"))!;
  expect(ks).toContain("name: &app flux-operator");
  expect(ks).toContain(HINT);
  const changed = Object.fromEntries(Object.entries(withHabits()).map(([path, text]) => [path, change(text)]));
  expect(run(changed).findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(created(changed).map(([path, text]) => [path, plain(text)])).toEqual(wanted);
});
