import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadEngine, openWorkspace } from "../../src/cli/load-engine.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { EXAMPLE } from "./example.ts";

const loader = { openWorkspace, load: loadEngine };

let folder: string | undefined;
let saved = "";

/** A copy of the example with a saved plan, made once a process. */
async function open(): Promise<string> {
  if (folder !== undefined) return folder;
  folder = mkdtempSync(join(tmpdir(), "fluxlift-fuzz-"));
  process.once("exit", () => rmSync(folder!, { recursive: true, force: true }));
  cpSync(EXAMPLE, join(folder, "repository"), { recursive: true });
  await runCli(["plan", "-o", "../plan.json"], { loader, cwd: join(folder, "repository") });
  saved = readFileSync(join(folder, "plan.json"), "utf8");
  return folder;
}

interface Tampering {
  /** Places of the plan, as a share of all its values, and what to put there. */
  changes: [at: number, value: unknown][];
  /** Share of the text that is kept. */
  cut: number | null;
}

/** Asks `apply` about a plan that was tampered with; nothing is written. @throws when it ends as a defect of fluxlift */
export async function applyPlan({ changes, cut }: Tampering): Promise<void> {
  const dir = await open();
  const plan: unknown = JSON.parse(saved);
  for (const [at, value] of changes) {
    const places = listPlaces(plan);
    const [holder, key] = places[Math.floor(at * (places.length - 1))]!;
    holder[key] = value;
  }
  const text = JSON.stringify(plan);
  writeFileSync(join(dir, "tampered.json"), cut === null ? text : text.slice(0, Math.floor(cut * text.length)));
  const { code, out, err } = await runCli(["apply", "../tampered.json"], { loader, cwd: join(dir, "repository") });
  if (code > 2 || /defect of fluxlift|TypeError|RangeError/.test(out + err)) throw new Error(`exit ${code}: ${err}`);
}

/** Every place of a value that could hold another; without recursion. */
function listPlaces(root: unknown): [holder: Record<string, unknown>, key: string][] {
  const places: [Record<string, unknown>, string][] = [];
  const open = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key]);
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return places;
}
