import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import semver from "semver";
import { unpackReference } from "./archive.ts";
import type { GoModule } from "./go-module.ts";
import { fluxReleases, stageCharts, stageOperator } from "./stage.ts";

/** `operator-embeds.json`: the newest operator that the tables know, the day it came out, and what came with which one. */
export interface Embeds {
  newest: string;
  released: string;
  /** First operator release that embeds a Flux version, newest first. */
  embeds: [operator: string, flux: string][];
}

export interface Refreshed {
  /** The folder with everything that the tables are made of: what was known, and the newest release over it. */
  staged: string;
  /** The folder with the tables as they should be. */
  tables: string;
  /** What is new, a sentence each. */
  news: string[];
  /** Tables that differ from the present ones. */
  changed: string[];
  close: () => void;
}

const SCRIPTS = ["make-base-facts.mjs", "make-gotk-facts.mjs", "make-flux-schemas.mjs"];

/** Makes the release tables anew beside the present ones. @throws Error when a release lacks what the tables count on */
export function refreshTables(data: string, module: GoModule, charts?: string): Refreshed {
  const known = JSON.parse(readFileSync(join(data, "operator-embeds.json"), "utf8")) as Embeds;
  const later = module.list().filter((version) => semver.gt(version, known.newest));
  const [staged, tables] = ["staged", "tables"].map((name) => mkdtempSync(join(tmpdir(), `releases-${name}-`)));
  const close = () => {
    for (const folder of [staged!, tables!]) rmSync(folder, { recursive: true, force: true });
  };
  try {
    unpackReference(staged!);
    cpSync(data, tables!, { recursive: true });
    const { embeds, news } = readNew(known, later, module, staged!);
    if (charts !== undefined) stageCharts(charts, staged!);
    writeFileSync(join(tables!, "operator-embeds.json"), printEmbeds(embeds));
    // Tables that are made of what they were made of stay as they are.
    for (const script of news.length > 0 || charts !== undefined ? SCRIPTS : []) {
      const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
      execFileSync(process.execPath, ["--import", "tsx", path, staged!, tables!], { stdio: "inherit" });
    }
    const differs = (file: string) => !readFileSync(join(tables!, file)).equals(readFileSync(join(data, file)));
    return { staged: staged!, tables: tables!, news, changed: readdirSync(data).sort().filter(differs), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Goes through the releases after the newest known one, oldest first, and stages each over the one before. */
function readNew(
  known: Embeds,
  later: readonly string[],
  module: GoModule,
  staged: string,
): { embeds: Embeds; news: string[] } {
  const embeds = [...known.embeds];
  const news: string[] = [];
  let { newest, released } = known;
  for (const version of later) {
    const { folder, released: day } = module.fetch(version);
    const before = fluxReleases(join(staged, "config/data/flux"));
    const now = fluxReleases(join(folder, "config/data/flux"));
    const gone = before.filter((flux) => !now.includes(flux));
    if (gone.length > 0)
      throw new Error(
        `flux-operator ${version} no longer embeds Flux ${gone.join(", ")}; src/release/releases.ts says that each release embeds all older ones.`,
      );
    stageOperator(folder, staged);
    const added = now.filter((flux) => !before.includes(flux));
    news.push(
      `flux-operator ${version} of ${day}: ${added.length === 0 ? "no new Flux" : `embeds Flux ${added.join(", ")}`}.`,
    );
    if (semver.gt(now.at(-1)!, embeds[0]![1])) embeds.unshift([version, now.at(-1)!]);
    for (const flux of added) news.push(...findUnknown(join(folder, "config/data/flux"), flux, before.at(-1)!));
    [newest, released] = [version, day];
  }
  return { embeds: { newest, released, embeds }, news };
}

/** What a new Flux release has that tables kept by hand have to learn. */
function findUnknown(manifests: string, flux: string, before: string): string[] {
  const files = (version: string) => readdirSync(join(manifests, `v${version}`));
  const added = files(flux).filter((file) => !files(before).includes(file));
  const isMinor = semver.diff(flux, before) !== "patch";
  return [
    ...added.map(
      (file) => `  Flux ${flux} has ${file}, which ${before} does not: see componentsOf in src/release/releases.ts.`,
    ),
    ...(isMinor
      ? [
          `  Flux ${flux} is a new minor: see src/release/flux-apis.ts, and feature-gates.json and controller-flags.json in src/instance/data.`,
        ]
      : []),
  ];
}

function printEmbeds({ newest, released, embeds }: Embeds): string {
  const rows = embeds.map((row) => `    ${JSON.stringify(row).replace(",", ", ")}`);
  return `{\n  "newest": "${newest}",\n  "released": "${released}",\n  "embeds": [\n${rows.join(",\n")}\n  ]\n}\n`;
}
