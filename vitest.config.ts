import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { fastTempDir } from "./bench/fast-temp.ts";

/** One folder for all that a run makes: a worker that is stopped leaves its own behind. */
const tempDir = mkdtempSync(join(process.env.TMPDIR ?? fastTempDir() ?? tmpdir(), "fluxlift-run-"));
process.once("exit", () => rmSync(tempDir, { recursive: true, force: true }));

/**
 * What `npm run test:quick` leaves to `npm test`: thousands of random cases, packed tarballs, whole trees through every phase, and
 * what starts the built command or other programs many times.
 */
const SLOW = [
  "test/**/*.property.test.ts",
  "test/bench/releases.test.ts",
  "test/cli/{bad-input,example,example-fleet,guide,lost,new-transform,owners,package,progress,standing,unpushed,versions}.test.ts",
  "test/config/{built,cli}.test.ts",
  "test/deploy/**",
  "test/fixtures/oci.test.ts",
  "test/fleet/**",
  "test/flux-patches/{port-*,simulation}.test.ts",
  "test/flux-sync/property.test.ts",
  "test/gate/**",
  "test/gotk/fleet-overlays.test.ts",
  "test/hostile/**",
  "test/kustomize/recorded.test.ts",
  "test/mcp/**",
  "test/oci/{asked,publish-schemas,route}.test.ts",
  "test/ownership/orders.test.ts",
  "test/programs/rewrite.test.ts",
  "test/public/{example,steps}.test.ts",
  "test/publish/{cli,forges,from}.test.ts",
  "test/release/dockerfile.test.ts",
  "test/report/{diff,docs,preflight,schemas}.test.ts",
  "test/report/html/page.test.ts",
  "test/traps/**",
  "test/verify/{acceptance,headline,merge,phases,recorded,uncommitted}.test.ts",
  "test/windows/files.test.ts",
  "test/workspace/{crash,huge,snapshot,walk,write}.test.ts",
];

/** What takes longest, begun first: vitest begins with large files, and a small one that takes a minute would be left over for one core. */
const LONGEST = [
  ...["fixtures/migrate", "hostile/yaml", "hostile/paths", "release/dockerfile", "cli/new-transform"],
  ...["cli/package", "hostile/no-network", "kustomize/recorded", "fixtures/oci", "public/steps"],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** What hostile or huge trees cost: minutes, which say little on a busy machine. `npm run bench:costs` runs these, and `npm test` does not. */
const COSTS = ["bench/costs/*.test.ts"];

/** Puts something in the place of one of node's modules, for the modules that it reads. */
const ALONE = ["test/windows/paths.test.ts"];

const INLINED = /@actions\/(?:workflow-parser|expressions)/;

/** The source maps of what is inlined name sources that their packages do not hold, and vite would say so of each file. */
const withoutMaps = {
  name: "without-maps",
  load: (id: string) =>
    INLINED.test(id) && id.endsWith(".js")
      ? readFileSync(id, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "")
      : undefined,
};

export default defineConfig(({ mode }) => ({
  plugins: [withoutMaps],
  test: {
    // Its ESM imports JSON in a way that node itself does not take.
    server: { deps: { inline: [INLINED] } },
    // Most of the time goes into child processes and plain computing: every core counts.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    env: { TMPDIR: tempDir },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: mode === "costs" ? COSTS : ["test/**/*.test.ts"],
          exclude: mode === "quick" ? [...SLOW, ...ALONE] : ALONE,
          globalSetup: ["test/support/setup-bundle.ts", ...(mode === "quick" ? [] : ["test/support/setup-judge.ts"])],
          // A third of the processor time went into modules that every file read, compiled and warmed up anew.
          isolate: false,
          setupFiles: ["test/support/put-back.ts"],
        },
      },
      ...(mode === "costs" ? [] : [{ extends: true as const, test: { name: "alone", include: ALONE } }]),
    ],
  },
}));
