import { expect, test } from "vitest";
import { findArtifactRoot } from "../../src/cluster/artifact-root.ts";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { planOf, run } from "../traps/support.ts";
import { flux, gitRepository } from "./fleet.ts";

const SOURCE = gitRepository("home", "oci://registry:5000/home").replace("GitRepository", "OCIRepository");
const files = { "clusters/home/sync.yaml": SOURCE + flux("home", "./", "OCIRepository home") };
const PUSH = "flux push artifact oci://registry:5000/home:latest --path=";

test("that an artifact is the whole repository is said where nothing here publishes it", () => {
  const assumed = (more: Record<string, string>, artifactPath?: string) =>
    planOf({ ...files, ...more }, artifactPath === undefined ? {} : { artifactPath })
      .findings.filter(({ rule }) => rule === "artifact-assumed")
      .map(({ level, what, next, cluster }) => [level, cluster, what, next.slice(0, 38)]);
  expect(assumed({})).toEqual([
    [
      "caution",
      "default",
      "No job, task or script here says which folder is published to OCIRepository flux-system/home; fluxlift takes it for the whole repository.",
      "Give the folder with --artifact-path; ",
    ],
  ]);
  expect(assumed({ "push.sh": `${PUSH}clusters/home\n` })).toEqual([]);
  expect(
    assumed({ "ci.yaml": `script:\n  - ${PUSH.replace(" --path=", "\n    --source=x --path=")}clusters/home\n` }),
  ).toEqual([]);
  expect(assumed({}, "clusters/home")).toEqual([]);
  expect(assumed({}, ".")).toEqual([]);
});

test("nothing is written where something here publishes a folder, and which one cannot be read", () => {
  const blocked = (more: Record<string, string>, artifactPath?: string) =>
    run({ ...files, ...more }, artifactPath === undefined ? {} : { artifactPath })
      .findings.filter(({ rule, level }) => rule === "artifact-assumed" && level === "blocker")
      .map(({ at }) => `${at?.file}:${at?.line}`);
  const opaque = `push() {\n  ${PUSH}"$1"\n}\n`;
  expect(blocked({ "push.sh": opaque })).toEqual(["push.sh:2"]);
  expect(blocked({ "push.sh": opaque.replace("oci://registry:5000/home:latest", "oci://$NAME") })).toEqual([
    "push.sh:2",
  ]);
  expect(blocked({ "push.sh": `${PUSH}apps\n${PUSH}infra\n` })).toEqual(["push.sh:1"]);
  expect(blocked({ "push.sh": opaque }, ".")).toEqual([]);
  expect(blocked({ "push.sh": opaque.replace("5000/home", "5000/other") })).toEqual([]);
  for (const file of ["README.md", "archive/push.sh"]) expect(blocked({ [file]: opaque })).toEqual([]);
  expect(blocked({ "push.sh": `# ${PUSH}"$1"\n` })).toEqual([]);
});

test.each([
  ["scripts/push.sh", `${PUSH}../clusters/home\n`, "clusters/home"],
  ["push.sh", `${PUSH}../clusters/home\n`, undefined],
  ["scripts/push.sh", `${PUSH}"$(dirname "$0")/../clusters/home"\n`, "clusters/home"],
  ["scripts/push.sh", `${PUSH}$(dirname $0)\n`, undefined],
  ["terraform/flux.tf", `command = "${PUSH}\${path.module}/../clusters/home"\n`, "clusters/home"],
  ["ci/push.sh", `${PUSH}"$CI_PROJECT_DIR/clusters/home"\n`, "clusters/home"],
  [".github/workflows/push.yaml", `run: ${PUSH}\${{ github.workspace }}/clusters/home\n`, "clusters/home"],
  [
    ".github/workflows/push.yaml",
    `      - working-directory: ./clusters/lab\n        run: ${PUSH}../home\n`,
    "clusters/home",
  ],
])("the folder that %s pushes by %j is %s", (file, text, folder) => {
  const found = buildModel({ tree: memoryTree({ ...files, [file]: text }), remotes: [], options: { layout: "auto" } });
  const [source] = found.objects.filter(({ kind }) => kind === "OCIRepository");
  expect(findArtifactRoot(found.tree, source!, undefined)?.value).toBe(folder);
});

test("what a person publishes is said: merged alone it reaches no cluster, and two phases of it come at once", () => {
  const workflow = ".github/workflows/push.yaml";
  const task = { Makefile: `push:\n\t${PUSH}./clusters/home\n` };
  const said = (more: Record<string, string>) =>
    planOf({ ...files, ...more }).findings.filter(({ rule }) => rule === "published-by-hand");
  const [found, ...none] = said({ ...task, [workflow]: "on: push\njobs: {}\n" });
  expect(found).toMatchObject({ level: "caution", cluster: "default", at: { file: "Makefile", line: 2 } });
  expect(found!.what).toContain("reads OCIRepository flux-system/home,");
  expect(none).toEqual([]);
  expect(said({ "push.sh": `${PUSH}clusters/home\n` })).toHaveLength(1);
  // A job that pushes, that starts a task, or that runs the script.
  expect(said({ [workflow]: `run: ${PUSH}clusters/home\n` })).toEqual([]);
  expect(said({ ...task, [workflow]: "run: make push\n" })).toEqual([]);
  expect(said({ "ci/push.sh": `${PUSH}clusters/home\n`, ".gitlab-ci.yml": "script: [./ci/push.sh]\n" })).toEqual([]);
  expect(said({})).toEqual([]);
});

test("an artifact of the owner's that is called flux-manifests is a source as any other", () => {
  const named = (url: string, tag = "latest") => {
    const spec = `spec:\n  interval: 1m\n  url: ${url}\n  ref:\n    tag: ${tag}\n`;
    const head = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-system\n";
    const sync = `${head}  namespace: flux-system\n${spec}${flux("flux-system", "./", "OCIRepository flux-system")}`;
    return planOf({ "clusters/home/sync.yaml": sync }, { artifactPath: "clusters/home" }).phases[0]?.clusters.length;
  };
  expect(named("oci://registry.example.org/team/fleet/home/flux-manifests")).toBe(1);
  expect(named("oci://registry.example.org/team/fleet/home/flux-manifests", "v2.6.4")).toBe(0);
  expect(named("oci://registry.example.org/mirror/fluxcd/flux-manifests")).toBe(0);
});
