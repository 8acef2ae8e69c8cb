// Compares the build at hand with the build of another commit on the whole corpus: every state, phase and route, the move to
// OCI, and verify on the merges. See bench/compare/README.md.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openReference } from "../corpus/gate/reference.ts";
import { CORPUS, NO_CORPUS } from "../corpus/places.ts";
import { chooseSample } from "../corpus/sample.ts";
import { type Bundle, buildCommit, keepBundle } from "./builds.ts";
import { compareRecords } from "./differ.ts";
import { makeExpectation, readExpected } from "./expected.ts";
import { listMerges, type MergeList, openBundle, recordMerges } from "./merges.ts";
import { saySummary, sayUnit } from "./say.ts";
import { eachLimited, git, globTest } from "./shell.ts";
import { inputOf, recordBase, recordNew, type StateInput } from "./state.ts";
import { cacheDir, Store } from "./store.ts";
import { type Difference, EXTRA_KINDS, KINDS, type Kind, type Record } from "./types.ts";

const HELP = `usage: npm run compare -- [options]
  --base REV       commit to compare with (default 7e4c2ef)
  --only GLOB      states, or merges/owner__name (repeatable)
  --steps GLOB     only these steps, such as 'all/*' or 'oci/*' (repeatable)
  --sample         a varied set of states, and no merges
  --no-merges      states only
  --with KINDS     also compare ${EXTRA_KINDS.join(", ")} (joined with commas)
  --kind KINDS     compare only these kinds: ${KINDS.join(", ")}
  --details N      lines of diffs and words to show below a difference (default 12)
  --jobs N         units at the same time (default 2)
  --json FILE      write every difference, expected ones marked
  --cli FILE       the new build (default dist/fluxlift.js)
  --base-only      only record the base build
Answers are kept in FLUXLIFT_CACHE, or .cache/compare: a second run with the same build asks nothing again.`;

const project = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: "7e4c2ef" },
    only: { type: "string", multiple: true },
    steps: { type: "string", multiple: true },
    sample: { type: "boolean" },
    "no-merges": { type: "boolean" },
    with: { type: "string", default: "" },
    kind: { type: "string" },
    details: { type: "string", default: "12" },
    jobs: { type: "string", default: "2" },
    json: { type: "string" },
    cli: { type: "string" },
    "base-only": { type: "boolean" },
    help: { type: "boolean" },
  },
});

/** A state or a repository of merges; `record` asks the base build, or the new one given the base's record. */
interface Unit {
  name: string;
  input: string;
  record(bundle: Bundle, base?: Record, steps?: ReadonlySet<string>): Promise<Record>;
}

function stateUnits(store: Store, cache: string): Unit[] {
  const folder = join(CORPUS, "states");
  const all = readdirSync(folder)
    .filter((name) => name.endsWith(".tar.gz"))
    .map((name) => basename(name, ".tar.gz"));
  const wanted = globTest(options.only);
  const names = options.sample ? chooseSample(all) : all.filter(wanted);
  const versions = openReference(cache).versions;
  return names.map((state) => {
    const archive = join(folder, `${state}.tar.gz`);
    const input: StateInput = { state, archive, versions };
    return {
      name: state,
      input: inputOf(archive),
      record: ({ cli }, base, steps) =>
        base && steps ? recordNew(cli, store, base, steps) : recordBase(cli, store, input),
    };
  });
}

function mergeUnits(cache: string): Unit[] {
  if (options.sample || options["no-merges"]) return [];
  const wanted = globTest(options.only);
  return listMerges(join(CORPUS, "merges"))
    .filter(({ unit }) => wanted(unit))
    .map((list: MergeList) => ({
      name: list.unit,
      input: inputOf(list.bundle),
      record: ({ cli }, _base, steps) => {
        const pairs = list.pairs.filter((pair) => !steps || steps.has(pair));
        return recordMerges(cli, openBundle(list.bundle, join(cache, list.unit)), { ...list, pairs });
      },
    }));
}

async function main(): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (!existsSync(join(CORPUS, "states"))) {
    console.log(`compare: not run, ${NO_CORPUS}`);
    return 0;
  }
  setPriority(10);
  const cache = cacheDir(project);
  mkdirSync(cache, { recursive: true });
  const commit = git(project, "rev-parse", `${options.base}^{commit}`);
  const store = new Store(cache, commit);
  const now = keepBundle(cache, resolve(options.cli ?? join(project, "dist/fluxlift.js")));
  let built: Bundle | undefined;
  const baseBundle = (): Bundle => {
    built ??= buildCommit(project, cache, commit);
    return built;
  };
  const kinds = new Set<Kind>([
    ...((options.kind?.split(",") as Kind[] | undefined) ?? KINDS),
    ...(options.with.split(",").filter(Boolean) as Kind[]),
  ]);
  const wantedStep = globTest(options.steps);
  const entries = readExpected(join(project, "bench/compare/expected.json"));
  const { covers, used } = makeExpectation(entries);
  const units = [...stateUnits(store, cache), ...mergeUnits(cache)];
  store.touch(now.hash);
  const found: { difference: Difference; expected: boolean }[] = [];
  let done = 0;
  let equal = 0;
  await eachLimited(units, Number(options.jobs), async (unit) => {
    const started = Date.now();
    let base = store.read("base", unit.name, unit.input);
    if (!base) {
      base = await unit.record(baseBundle());
      store.write("base", unit.input, base);
    }
    done++;
    const progress = (text: string): void => {
      const seconds = Math.round((Date.now() - started) / 1000);
      process.stderr.write(`${done}/${units.length} ${unit.name}: ${text} (${seconds} s)\n`);
    };
    if (options["base-only"]) return progress(`${base.answers.length} answers of the base build`);
    const chosen = base.answers.filter(({ id }) => wantedStep(id));
    const known = store.read(now.hash, unit.name, unit.input)?.answers ?? [];
    const missing = chosen.filter(({ id }) => !known.some((answer) => answer.id === id)).map(({ id }) => id);
    const record: Record = { unit: unit.name, answers: known };
    if (missing.length > 0) {
      const fresh = await unit.record(now, base, new Set(missing));
      record.answers = [...known, ...fresh.answers];
      store.write(now.hash, unit.input, record);
    }
    const differences = compareRecords({ ...base, answers: chosen }, record, kinds).map((difference) => ({
      difference,
      expected: covers(difference),
    }));
    found.push(...differences);
    const open = differences.filter(({ expected }) => !expected).map(({ difference }) => difference);
    if (differences.length === 0) equal++;
    const mended = differences.length - open.length;
    progress(open.length === 0 && mended === 0 ? "equal" : `${open.length} differences, ${mended} expected`);
    const say = { details: Number(options.details), width: 220 };
    if (open.length > 0) console.log(`${sayUnit(unit.name, open, say)}\n`);
  });
  if (options.json) writeFileSync(options.json, `${JSON.stringify(found, null, 1)}\n`);
  if (options["base-only"]) return 0;
  const open = found.filter(({ expected }) => !expected).map(({ difference }) => difference);
  const whole = !options.sample && !options.only && !options.steps && !options.kind && !options["no-merges"];
  for (const [index, times] of used.entries()) {
    if (whole && times === 0) console.log(`expected.json: entry ${index + 1} covers nothing any more`);
  }
  if (open.length > 0) console.log(saySummary(open));
  console.log(
    `compare with ${options.base}: ${units.length} units, ${equal} equal; ${open.length} differences, ${found.length - open.length} expected`,
  );
  return open.length > 0 ? 1 : 0;
}

process.exitCode = await main();
