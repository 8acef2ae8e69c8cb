import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Job } from "kubernetes-models/batch/v1";
import { ConfigMap, Namespace, PersistentVolumeClaim } from "kubernetes-models/v1";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { commandOf } from "../../e2e/deploy/pod.ts";
import pkg from "../../package.json" with { type: "json" };
import { findKustomize } from "../support/kustomize.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeRepo, makeTempDir } from "../support/repo.ts";
import { runBuilt } from "../verify/built.ts";
import { homeTree } from "../verify/home-tree.ts";

const DEPLOY = join(PROJECT_ROOT, "deploy/kubernetes");
const KINDS = { Job, ConfigMap, Namespace, PersistentVolumeClaim };

// biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes, checked against its schemas
type Built = any;

function build(folder: string): Built[] {
  const text = execFileSync(findKustomize(), ["build", folder], { encoding: "utf8" });
  return parseAllDocuments(text).map((document) => document.toJS() as Built);
}

const fleet = build(DEPLOY);
const merge = build(join(DEPLOY, "merge"));
const jobs = [...fleet, ...merge].filter(({ kind }) => kind === "Job");

test("kustomize builds both, and every object fits the schema of Kubernetes", () => {
  expect(fleet.map(({ kind }) => kind).sort()).toEqual(["ConfigMap", "Job", "Namespace", "PersistentVolumeClaim"]);
  expect(merge.map(({ kind }) => kind)).toEqual(["Job"]);
  for (const object of [...fleet, ...merge]) {
    const Kind = KINDS[object.kind as keyof typeof KINDS];
    expect(() => new Kind(object).validate()).not.toThrow();
    expect(() => new Kind({ ...object, metadata: 1 }).validate()).toThrow();
    expect(object.metadata.namespace ?? object.metadata.name).toBe("fluxlift");
  }
});

describe.each(jobs.map((job) => [job.metadata.name, job.spec.template.spec]))("the pods of %s", (_, pod: Built) => {
  const [container, ...others] = pod.containers;

  test("are what a namespace with the restricted profile lets in, with a root that nobody writes to", () => {
    expect(others).toEqual([]);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(container.resources.limits.memory).toBe("1Gi");
  });

  test("write to volumes alone, and each volume is there", () => {
    const volumes = new Map<string, Built>(pod.volumes.map((volume: Built) => [volume.name, volume]));
    expect(container.volumeMounts.map(({ name }: Built) => name).sort()).toEqual([...volumes.keys()].sort());
    const writable = container.volumeMounts.filter(({ readOnly }: Built) => !readOnly);
    expect(writable.map(({ mountPath }: Built) => mountPath).sort()).toEqual(["/results", "/tmp"]);
    expect(volumes.get("results").persistentVolumeClaim.claimName).toBe("fluxlift-results");
    const list = volumes.get("list")?.configMap.name;
    if (list) expect(fleet.some(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === list)).toBe(true);
  });

  test("run the image of this version", () => {
    expect(container.image).toBe(`ghcr.io/OWNER/fluxlift:v${pkg.version}`);
  });
});

const VOLUMES = ["list", "git", "results", "tmp"];

/** Runs the container of a pod as a process, its volumes being folders. */
function runPod(spec: Built, volumes: string, index: number) {
  const annotations = { "batch.kubernetes.io/job-completion-index": String(index) };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "one", annotations }, spec };
  const { args, env } = commandOf(pod, new Map(VOLUMES.map((name) => [name, join(volumes, name)])));
  return spawnSync(process.execPath, [join(PROJECT_ROOT, "dist/fluxlift.js"), ...args], {
    cwd: volumes,
    encoding: "utf8",
    env: { PATH: process.env.PATH, NO_COLOR: "1", ...env },
  });
}

test("each pod, run as a process, writes its part; merged they equal one run", () => {
  const [job] = fleet.filter(({ kind }) => kind === "Job");
  const { completions, parallelism, completionMode, template } = job.spec;
  expect([completions, parallelism, completionMode]).toEqual([4, 4, "Indexed"]);
  const volumes = makeTempDir();
  for (const name of VOLUMES) mkdirSync(join(volumes, name));
  // One needs a person, one has no cluster: neither makes a pod fail.
  const repositories = [makeRepo(homeTree()), makeRepo({ "a.txt": "" })];
  writeFileSync(join(volumes, "list/repos.txt"), `${repositories.join("\n")}\nfile://${repositories[0]}\n`);
  for (let index = 0; index < completions; index++) {
    const pod = runPod(template.spec, volumes, index);
    expect([index, pod.status, pod.stderr]).toEqual([index, 0, expect.stringContaining(" failed")]);
    expect(existsSync(join(volumes, `results/${index}.jsonl`))).toBe(true);
  }
  expect(runPod(merge[0].spec.template.spec, volumes, 0).status).toBe(0);
  const still = (file: string) => readFileSync(file, "utf8").replace(/"ms":\d+/g, "");
  runBuilt(volumes, ["fleet", "list/repos.txt", "-o", "one.jsonl"]);
  expect(still(join(volumes, "results/all.jsonl"))).toBe(still(join(volumes, "one.jsonl")));
  expect(readFileSync(join(volumes, "results/all.html"), "utf8")).toContain("3 repositories");
}, 300_000);

test("a pod whose repository fails ends with 2, and the one after it tries that alone again", () => {
  const [job] = fleet.filter(({ kind }) => kind === "Job");
  const volumes = makeTempDir();
  for (const name of VOLUMES) mkdirSync(join(volumes, name));
  const [good, late] = [makeRepo(homeTree()), join(makeTempDir(), "late")];
  writeFileSync(join(volumes, "list/repos.txt"), [good, good, good, good, late].join("\n"));
  expect(runPod(job.spec.template.spec, volumes, 0).status).toBe(2);
  cpSync(good, late, { recursive: true });
  const again = runPod(job.spec.template.spec, volumes, 0);
  expect([again.status, again.stderr]).toEqual([0, expect.stringContaining("1 are done already")]);
}, 300_000);
