import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";

/** What Stryker is made of is not our dependency: it is the one that Stryker has. */
const ofStryker = createRequire(createRequire(import.meta.url).resolve("@stryker-mutator/core"));
const load = (name) => import(pathToFileURL(ofStryker.resolve(name)).href);

/** A mutant by where it is, as `--mutate` takes it, and what it makes of it. @param project the folder that its file is in */
export function keyOf({ fileName, location, mutatorName, replacement }, project = "") {
  return `${rangeOf({ fileName, location }, project)} ${mutatorName} ${replacement}`;
}

/** Lines from one, columns from zero. */
export function rangeOf({ fileName, location: { start, end } }, project = "") {
  const file = relative(project, fileName).replaceAll("\\", "/");
  return `${file}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
}

/**
 * All mutants of these folders, in an order that only the seed decides.
 * @param {string[]} folders
 * @param {Set<string>} without files
 * @param {number} seed
 */
export async function drawMutants(folders, without, seed) {
  const names = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
      .filter((name) => name.endsWith(".ts") && !without.has(name))
      .sort(),
  );
  const { mutants } = await instrument(names.map((name) => ({ name, mutate: true })));
  return shuffle(mutants, mulberry(seed));
}

/**
 * Files with their mutants in them.
 * @param {{ name: string, mutate: true | object[] }[]} files with the ranges that are wanted
 */
export async function instrument(files) {
  const { createInstrumenter } = await load("@stryker-mutator/instrumenter");
  const { createInjector } = await load("typed-inject");
  const none = () => {};
  const logger = { debug: none, info: none, warn: none, error: none, trace: none, isDebugEnabled: () => false };
  const instrumenter = createInjector()
    .provideValue("logger", logger)
    .provideValue("options", {})
    .injectFunction(createInstrumenter);
  const read = files.map((file) => ({ ...file, content: readFileSync(file.name, "utf8") }));
  return await instrumenter.instrument(read, { ignorers: [], excludedMutations: [], plugins: null });
}

/** Fisher and Yates. */
function shuffle(items, random) {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [items[at], items[other]] = [items[other], items[at]];
  }
  return items;
}

/** Mulberry32. @returns {() => number} from 0 up to 1 */
function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
