import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** Where `npm run corpus -- --fetch` puts what it clones. */
export const FETCHED = join(project, ".cache/fetched");

/**
 * The folder with `states`, `merges` and `after`: what FLUXLIFT_SHARED names, else `../shared` beside the project, else
 * what was fetched. It may be absent: then a run says so and how to get it.
 */
export const CORPUS = join(
  process.env.FLUXLIFT_SHARED
    ? resolve(process.env.FLUXLIFT_SHARED)
    : ([resolve(project, "../shared"), FETCHED].find((folder) => existsSync(join(folder, "corpus"))) ?? FETCHED),
  "corpus",
);

/** What a run prints where the trees are absent. */
export const NO_CORPUS =
  "the trees of docs/corpus.md are not there. With a network, npm run corpus -- --fetch gets them";
