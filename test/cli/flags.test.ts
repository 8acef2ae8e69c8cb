import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { APP } from "../gotk/make-gotk.ts";
import { inputOf } from "../support/fixtures.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import { homeTree } from "../verify/home-tree.ts";

const INSTANCE = "flux-system/flux-instance/app/helmrelease.yaml";

/** What a command line would write, path to text. */
async function written(root: string, ...argv: string[]): Promise<Record<string, string>> {
  const run = await runCli([...argv, "--format", "json", root], { loader: realEngine });
  const { phases } = JSON.parse(run.out) as Plan;
  return Object.fromEntries(phases.flatMap(({ files }) => files.map(({ path, after }) => [path, after ?? ""])));
}

const home = () => makeRepo(homeTree(), { remote: "https://git.example.invalid/me/home.git" });

test("--operator-version is the chart version of operator and instance", async () => {
  const files = await written(home(), "plan", "--operator-version", "0.33.0");
  const tags = Object.entries(files).filter(([path]) => path.endsWith("app/ocirepository.yaml"));
  expect(tags.map(([, text]) => /tag: (\S+)/.exec(text)?.[1])).toEqual(["0.33.0", "0.33.0"]);
});

test("--output saves what is asked for by its ending", async () => {
  const root = home();
  expect((await runCli(["plan", "--output", join(root, "p.patch"), root], { loader: realEngine })).code).toBe(0);
  expect(readFileSync(join(root, "p.patch"), "utf8")).toContain("+++ b/");
});

test("--url, --branch, --path and --secret-name fill in what flux bootstrap would", async () => {
  const root = makeRepo({
    "clusters/home/flux-system/gotk-components.yaml": "# Filled in by flux bootstrap.\n",
    "clusters/home/flux-system/gotk-sync.yaml": "# Filled in by flux bootstrap.\n",
    "clusters/home/flux-system/kustomization.yaml":
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\n",
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n",
  });
  const given = ["--url", "https://git.example.org/fleet", "--branch", "stable", "--secret-name", "deploy-key"];
  const files = await written(root, "plan", "--flux-version", "v2.7.5", "--path", "clusters/home", ...given);
  const text = Object.entries(files).find(([path]) => path.endsWith("flux-instance/helmrelease.yaml"))?.[1];
  for (const value of [
    "url: https://git.example.org/fleet",
    "ref: refs/heads/stable",
    "path: clusters/home",
    "pullSecret: deploy-key",
  ])
    expect(text?.replaceAll("./", "")).toContain(value);
});

test("--registry, --tag and --pull-secret say where the artifact lies and who may read it", async () => {
  const root = makeRepo(inputOf("artifact-source/declares-the-artifact"), {
    remote: "https://github.com/example-org/fleet",
  });
  const given = ["--registry", "oci://registry.example.com/fleet", "--tag", "stable", "--pull-secret", "reader"];
  const text = Object.values(await written(root, "oci", ...given)).join("\n");
  expect(text).toMatch(/kind: OCIRepository[\s\S]*url: oci:\/\/registry\.example\.com\/fleet/);
  expect(text).toMatch(/ref:\n\s+tag: stable/);
  expect(text).toMatch(/secretRef:\n\s+name: reader/);
});

test("--accept settles a named loss, which stays listed", async () => {
  const root = makeRepo(homeTree());
  const list = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - player/ks.yaml\n";
  git(root, "rm", "-q", "kubernetes/apps/media/namespace.yaml");
  writeFiles(root, { "kubernetes/apps/media/kustomization.yaml": list });
  commitAll(root, "Drop a namespace");
  const refused = await runCli(["verify", "--base", "HEAD~1", root]);
  expect(refused.code).toBe(1);
  const all = ["--accept", "Namespace media"];
  const run = await runCli(["verify", "--base", "HEAD~1", ...all, "--format", "json", root]);
  const { clusters } = JSON.parse(run.out);
  const danger = clusters[0].safety.dangers.find(
    ({ resource }: { resource: string }) => resource === "Namespace media",
  );
  expect(danger).toMatchObject({ accepted: true });
});

test("--artifact-path of verify is the folder that an artifact starts at; without it verify says what it takes", async () => {
  const oci = (text: string) =>
    text
      .replaceAll("kind: GitRepository", "kind: OCIRepository")
      .replace("url: https://git.example.invalid/me/home.git", "url: oci://ghcr.io/me/home")
      .replace("ref: {branch: main}", "ref: {tag: latest}");
  const root = makeRepo(Object.fromEntries(Object.entries(homeTree()).map(([path, text]) => [path, oci(text)])));
  const said = async (...args: string[]) => {
    const { out } = await runCli(["verify", "--base", "HEAD~1", "--format", "json", ...args, root]);
    const { verdict, findings } = JSON.parse(out);
    return [verdict, ...findings.map(({ rule, level }: { rule: string; level: string }) => `${level} ${rule}`)];
  };
  const change = (path: string, text: string, why: string) => {
    writeFiles(root, { [path]: text });
    commitAll(root, why);
  };
  change("README.md", "Hello\n", "Safe");
  expect(await said()).toEqual(["safe", "caution artifact-assumed"]);
  expect(await said("--artifact-path", ".")).toEqual(["safe"]);
  change("push.sh", "flux push artifact oci://ghcr.io/me/home:latest --path=$FOLDER\n", "A push");
  change("README.md", "Hello again\n", "Safe as well");
  expect(await said()).toEqual(["safe", "caution artifact-assumed"]);
  change("push.sh", "flux push artifact oci://ghcr.io/me/home:latest --path=.\n", "A folder");
  change("README.md", "And again\n", "Safe as ever");
  expect(await said()).toEqual(["safe"]);
});

test("--service-monitor turns the operator's ServiceMonitor on", async () => {
  const files = await written(home(), "plan", "--service-monitor");
  const operator = Object.entries(files).find(([path]) => path.endsWith("flux-operator/app/helmrelease.yaml"))?.[1];
  expect(operator).toMatch(/serviceMonitor:\n\s+create: true/);
  expect(Object.keys(files).some((path) => path.endsWith(INSTANCE))).toBe(true);
});
