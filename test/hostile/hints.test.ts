import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { manifestCommand } from "../../src/safety/values/helm-words.ts";
import { commitAll, makeRepo } from "../support/repo.ts";
import { judge } from "../verify/judge.ts";
import { example } from "./plan-example.ts";
import { runScript, SHELLS } from "./shells.ts";
import { EXAMPLE, fluxlift } from "./support.ts";

const LIST = "kubernetes/apps/default/kustomization.yaml";

/** A FluxKustomization that a change touches and nobody can build. */
function unbuilt(name: string) {
  const text = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${JSON.stringify(name)}, namespace: flux-system}
spec: {interval: 1h, path: ./nowhere, prune: true, sourceRef: {kind: GitRepository, name: home-ops}}
`;
  const tree = { ...example, "kubernetes/apps/default/odd.yaml": text, [LIST]: `${example[LIST]}  - ./odd.yaml\n` };
  return judge(tree, { "kubernetes/apps/default/odd.yaml": text.replace("./nowhere", "./elsewhere") });
}

test.each(["plain", "x'$(touch MARK)'y", "x'; touch MARK; '", "x`touch MARK`"])(
  "what settles an unknown named %j is one word",
  (name) => {
    const said = unbuilt(name).findings.flatMap(
      ({ next }) => /settle it with (--accept [\s\S]*)\.$/.exec(next)?.[1] ?? [],
    );
    expect(said).toHaveLength(1);
    for (const shell of SHELLS) {
      const { words, made } = runScript(shell, `fluxlift verify ${said[0]}\n`);
      expect(made).toBe("");
      expect(words).toContain(`Kustomization flux-system/${name}`);
    }
  },
);

test("a name that a program would read as a flag is one of its arguments", () => {
  const flag = "--server=https://elsewhere.example";
  const said = unbuilt(flag).findings.map(({ next }) => next);
  expect(said.join("\n")).toContain(`flux build kustomization ./${flag} -n flux-system`);
  expect(said.join("\n")).not.toContain(`kustomization ${flag}`);
  const release = { name: flag, storage: "default" };
  expect(manifestCommand({ name: "app", namespace: "default", release })).toBe(
    `helm get manifest ./${flag} -n default`,
  );
});

describe("an address of a chart that helm would read as a flag", () => {
  const makePlan = async (app: string, url: string) => {
    const root = makeRepo(EXAMPLE);
    expect((await fluxlift(root, "migrate", "--yes")).code).toBe(0);
    const file = join(root, `kubernetes/apps/flux-system/${app}/app/ocirepository.yaml`);
    writeFileSync(file, readFileSync(file, "utf8").replace(/url: .*/, `url: ${url}`));
    commitAll(root, "Install");
    const { text } = await fluxlift(root, "plan", "--phase", "all", "--direct", "--format", "json");
    expect(text).not.toMatch(/helm upgrade[^"]* --post-renderer/);
    const { phases }: Plan = JSON.parse(text);
    return phases.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings.map(({ rule }) => rule)));
  };

  test.each(["flux-operator", "flux-instance"])("%s: stops the cluster", async (app) => {
    const url = `--post-renderer=./oci://ghcr.io/controlplaneio-fluxcd/charts/${app}`;
    expect(await makePlan(app, url)).toContain("name-refused");
  });

  test("stands in no command where it is no known chart", async () => {
    await makePlan("flux-operator", "--post-renderer=./flux-operator");
  });
});
