// What an API server takes of objects of Kubernetes, against what fluxlift says of them: one mistake in each place of an object
// of each kind. Use: npm run e2e:kinds [-- --write]. Exit 0: nothing that it takes is refused here; 1: something is, and is named.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { openReference } from "../../bench/reference/archive.ts";
import { GROUPS, makeKubeSchemas } from "../../scripts/make-kube-schemas.mjs";
import { findRefusals, sayRefusal } from "../../src/admission/refused.ts";
import { EMBEDDED_FLUX } from "../../src/release/releases.ts";
import { startControlPlane } from "../cluster/control-plane.ts";
import { build, Go } from "../install/build.ts";
import { CONTROL_PLANE } from "../install/components.ts";
import { makePki } from "../install/pki.ts";
import { ApiError, type Kube, type KubeObject } from "../world/kube.ts";
import { Processes } from "../world/processes.ts";
import { until } from "../world/wait.ts";
import { type Mutant, mutate } from "./mutate.ts";
import { samples } from "./samples.ts";

const DATA = new URL("../../src/release/data/kube-schemas.json", import.meta.url);
const NEEDED = ["etcd", "kube-apiserver", "kube-controller-manager"];
const AT_ONCE = 8;

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), "fluxlift-kinds-"));
  mkdirSync(join(scratch, "logs"));
  const processes = new Processes(join(scratch, "logs"), scratch);
  process.once("SIGINT", () => processes.killAll());
  try {
    const go = new Go(processes, scratch);
    for (const program of CONTROL_PLANE.filter(({ name }) => NEEDED.includes(name))) await build(go, program, log);
    const pki = await makePki(go, join(scratch, "pki"));
    const { kube } = await startControlPlane(join(scratch, "plane"), pki, processes, { pods: false });
    const text = makeKubeSchemas(await readDocuments(kube));
    if (process.argv.includes("--write")) {
      writeFileSync(DATA, text);
      log("wrote src/release/data/kube-schemas.json: run once more without --write");
      return 0;
    }
    const isStale = readFileSync(DATA, "utf8") !== text;
    if (isStale)
      log("✗ src/release/data/kube-schemas.json is not what this API server publishes: --write makes it anew");
    await applyFlux(kube);
    const isRight = await compare(kube);
    return isRight && !isStale ? 0 : 1;
  } finally {
    await processes.stopAll();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function readDocuments(kube: Kube): Promise<Record<string, unknown>> {
  const documents: Record<string, unknown> = {};
  for (const group of GROUPS)
    documents[group] = await kube.json("GET", `/openapi/v3/${group === "v1" ? "api" : "apis"}/${group}`);
  return documents;
}

interface Condition {
  type: string;
  status: string;
}

/** The definitions of the newest Flux and of its operator. */
async function applyFlux(kube: Kube): Promise<void> {
  const reference = openReference();
  const flux = join(reference.folder, "config/data/flux", `v${EMBEDDED_FLUX.at(-1)}`);
  const schemas = join(reference.folder, "schemas");
  const files = [
    ...readdirSync(flux).map((name) => join(flux, name)),
    ...readdirSync(schemas).map((name) => join(schemas, name)),
  ];
  const documents = files.flatMap((file) => parseAllDocuments(readFileSync(file, "utf8")).map((one) => one.toJS()));
  reference.close();
  const definitions = documents.filter((one): one is KubeObject => one?.kind === "CustomResourceDefinition");
  for (const definition of definitions) await kube.apply(definition, "fluxlift");
  await until("the definitions of Flux are served", 60, async () => {
    const live = await Promise.all(
      definitions.map(({ metadata }) => kube.get("CustomResourceDefinition", undefined, metadata.name)),
    );
    return live.every((one) =>
      (one?.status?.conditions as Condition[] | undefined)?.some(
        ({ type, status }) => type === "Established" && status === "True",
      ),
    );
  });
}

/** Tries every mistake, and says where both differ. What is refused and not known here is counted; the other way is a fault. */
async function compare(kube: Kube): Promise<boolean> {
  const faults: string[] = [];
  const unknown: string[] = [];
  let [tried, refused] = [0, 0];
  for (const object of samples()) {
    const own = findRefusals(object).map(sayRefusal);
    const answer = await tryApply(kube, object);
    if (answer !== undefined || own.length > 0) faults.push(`${object.kind}: ${answer ?? own.join("; ")}`);
    // An object without a name has no place to be sent to.
    const waiting = [...mutate(object)].filter(({ object: { metadata } }) => isName(metadata?.name));
    const worker = async () => {
      for (let mutant = waiting.pop(); mutant; mutant = waiting.pop()) {
        // Values of a release that are no map are taken, and read as none.
        const said = findRefusals(mutant.object).filter(({ doubtful, drops }) => !doubtful && drops !== "values");
        const isRefused = (await tryApply(kube, mutant.object)) !== undefined;
        tried++;
        if (isRefused) refused++;
        if (isRefused && findRefusals(mutant.object).length === 0) unknown.push(print(mutant));
        if (!isRefused && said.length > 0) faults.push(`${print(mutant)}: ${said.map(sayRefusal).join("; ")}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  for (const fault of faults) log(`✗ taken, and refused here: ${fault}`);
  if (process.argv.includes("--unknown")) for (const line of unknown.sort()) process.stdout.write(`${line}\n`);
  const share = (((refused - unknown.length) / refused) * 100).toFixed(1);
  log(
    `${tried} mistakes; the API server refuses ${refused}, ${share} % of which are known here; ${faults.length} refused here alone`,
  );
  return faults.length === 0;
}

const isName = (name: unknown): boolean => typeof name === "string" && name !== "";

const print = ({ object, path, how }: Mutant) => `${object.kind} ${path.join(".")}: ${how}`;

/** A server-side apply on trial, as kustomize-controller does it; what the API server says against it. */
async function tryApply(kube: Kube, object: KubeObject): Promise<string | undefined> {
  try {
    await kube.apply(object, "fluxlift", { dryRun: true });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

process.exitCode = await main().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 2;
});
