// Rewrites what pages show of the whole way, and the picture of the README, from runs of the built program.
// Part of npm run docs. test/cli/package.test.ts holds the pages to what the packed tarball prints.
import { resolve } from "node:path";
import { writeOrCheck } from "./generated-parts.ts";
import { renderWalks } from "./walk/pages.ts";
import { renderPicture } from "./walk/picture.ts";
import { renderTroubles } from "./walk/troubles.ts";

const BIN = resolve(import.meta.dirname, "../dist/fluxlift.js");
writeOrCheck([...renderWalks(BIN), renderPicture(BIN), ...renderTroubles(BIN)], process.argv.includes("--check"));
