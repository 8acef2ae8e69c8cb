// The Indexed Job of deploy/kubernetes on a real API server and Job controller, its pods as processes.
// Use: npm run e2e:deploy. Exit 0: all as it should be; 1: something is not, and is named; 2: it could not be tried.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { git } from "../../test/support/git.ts";
import { homeTree } from "../../test/verify/home-tree.ts";
import { startControlPlane } from "../cluster/control-plane.ts";
import { binaryPath, build, Go } from "../install/build.ts";
import { CONTROL_PLANE } from "../install/components.ts";
import { makePki } from "../install/pki.ts";
import type { Kube } from "../world/kube.ts";
import { Processes } from "../world/processes.ts";
import { until } from "../world/wait.ts";
import { Node } from "./node.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "dist/fluxlift.js");
const NAMESPACE = "fluxlift";
const NEEDED = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"] as const;
const REPOSITORIES = 12;

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), "fluxlift-deploy-"));
  mkdirSync(join(scratch, "logs"));
  const processes = new Processes(join(scratch, "logs"), scratch);
  process.once("SIGINT", () => processes.killAll());
  try {
    const go = new Go(processes, scratch);
    const programs = CONTROL_PLANE.filter(({ name }) => (NEEDED as readonly string[]).includes(name));
    for (const program of programs) await build(go, program, log);
    const plane = await startControlPlane(join(scratch, "plane"), await makePki(go, join(scratch, "pki")), processes, {
      pods: false,
    });
    const kubectl = binaryPath(programs.find(({ name }) => name === "kubectl")!);
    const apply = async (folder: string): Promise<string> => {
      const { status, stderr } = await processes.run(kubectl, ["apply", "-k", folder], {
        env: { PATH: process.env.PATH, HOME: scratch, KUBECONFIG: join(scratch, "plane/admin.kubeconfig") },
      });
      if (status !== 0) throw new Error(`kubectl apply -k: ${stderr}`);
      return stderr;
    };
    const faults = await tryJob(plane.kube, scratch, apply);
    for (const fault of faults) log(`✗ ${fault}`);
    log(faults.length === 0 ? "✔ the Indexed Job on a real API server" : `${faults.length} faults`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await processes.stopAll();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The steps of docs/fleet-engines.md, one pod killed on the way. */
async function tryJob(kube: Kube, scratch: string, apply: (folder: string) => Promise<string>): Promise<string[]> {
  const deploy = join(scratch, "deploy");
  cpSync(join(ROOT, "deploy/kubernetes"), deploy, { recursive: true });
  const repositories = Array.from({ length: REPOSITORIES }, (_, index) =>
    makeRepository(join(scratch, `repo-${index}`)),
  );
  writeFileSync(join(deploy, "repos.txt"), `${repositories.join("\n")}\n`);
  const faults: string[] = [];
  const hold = (holds: boolean, what: string) => {
    if (!holds) faults.push(what);
  };

  // The namespace enforces the restricted profile: a pod that it refuses is only warned of when the Job is applied.
  const said = await apply(deploy);
  hold(!/warning/i.test(said), `the API server warns: ${said}`);
  const node = new Node(kube, NAMESPACE, join(scratch, "node"), PROGRAM);
  let killed: string | undefined;
  await until("the Job is complete", 240, async () => {
    await node.startNew();
    if (killed === undefined && node.running.size > 1) {
      const [name, child] = [...node.running][0]!;
      child.kill("SIGKILL");
      killed = name;
    }
    return await hasCondition(kube, "fluxlift-fleet", "Complete");
  });
  const job = (await kube.get("Job", NAMESPACE, "fluxlift-fleet"))!;
  hold(job.status.completedIndexes === "0-3", `completed indexes: ${job.status.completedIndexes}`);
  hold(job.status.failed === 1, `${job.status.failed} pods failed, and one was killed`);
  const ends = node.ran.filter(({ name }) => name !== killed).map(({ index, code }) => `${index}:${code}`);
  hold(ends.sort().join() === "0:0,1:0,2:0,3:0", `pods ended ${ends.join()}`);

  await apply(join(deploy, "merge"));
  await until("the merge is complete", 120, async () => {
    await node.startNew();
    return await hasCondition(kube, "fluxlift-merge", "Complete");
  });
  const results = join(scratch, "node/claims/fluxlift-results");
  const lines = readFileSync(join(results, "all.jsonl"), "utf8").trim().split("\n");
  const named = lines.map((line) => (JSON.parse(line) as { repo: string; end: string }).repo);
  hold(named.join() === repositories.join(), `results name ${named.length} of ${REPOSITORIES} repositories`);
  const page = readFileSync(join(results, "all.html"), "utf8");
  hold(page.includes(`${REPOSITORIES} repositories`), "the page does not count the repositories");

  const refused = await kube.json("POST", `/api/v1/namespaces/${NAMESPACE}/pods`, UNRESTRICTED).catch(String);
  hold(
    /violates PodSecurity/.test(String(refused)),
    `a pod in the network of its node is not refused as it should be: ${JSON.stringify(refused).slice(0, 300)}`,
  );
  log(`${node.ran.length} pods ran, one was killed; ${lines.length} results`);
  return faults;
}

function makeRepository(dir: string): string {
  for (const [path, text] of Object.entries(homeTree())) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  git(dir, "init", "-q", "-b", "main");
  git(dir, "add", "-A");
  git(dir, "commit", "-qm", "First");
  return dir;
}

const UNRESTRICTED = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "unrestricted" },
  spec: { hostNetwork: true, containers: [{ name: "one", image: "one" }] },
};

async function hasCondition(kube: Kube, name: string, type: string): Promise<boolean> {
  const job = await kube.get("Job", NAMESPACE, name);
  const conditions = (job?.status?.conditions ?? []) as { type: string; status: string; message?: string }[];
  const failed = conditions.find((one) => one.type === "Failed" && one.status === "True");
  if (failed) throw new Error(`${name} failed: ${failed.message}`);
  return conditions.some((one) => one.type === type && one.status === "True");
}

process.exitCode = await main().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 2;
});
