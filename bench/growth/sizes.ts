// Measures how `scan`, `plan` and `verify` grow with a repository: clusters, objects of one file, patches, sources; each count is
// twice the one before. Use: npm run bench:sizes [-- --only clusters --doublings 2] ; ends with 1 where a doubling takes more than
// 2.3 times as long. Without options it writes bench/README.md.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measure } from "../measure.ts";
import { replaceBetweenMarks } from "../readme.ts";
import { commitAll, git, withFolder, writerIn } from "../trees.ts";
import { growthOf, MOST_GROWTH } from "./doublings.ts";
import { REPOSITORIES, type Repository } from "./repositories.ts";

const CLI = resolve(import.meta.dirname, "../../dist/fluxlift.js");
const COMMANDS: Record<string, readonly string[]> = {
  scan: ["scan"],
  "plan --phase all --direct": ["plan", "--phase", "all", "--direct"],
  verify: ["verify", "--base", "HEAD~1"],
};

const { values } = parseArgs({ options: { only: { type: "string" }, doublings: { type: "string", default: "2" } } });
const bare = measure({ command: ["node", "-e", "0"], times: 5 }).cpu;

/** Processor time of each command on a repository of that size, the better of two; milliseconds. */
function time({ write, edit }: Repository, count: number): number[] {
  return withFolder((root) => {
    const put = writerIn(root);
    write(put, count);
    commitAll(root, "https://github.com/acme/fleet");
    put(edit.file, readFileSync(join(root, edit.file), "utf8").replace(edit.from, edit.to));
    git(root, "commit", "-qam", "Change");
    return Object.values(COMMANDS).map((args) => {
      const command = { command: ["node", CLI, ...args], cwd: root };
      return Math.min(measure(command).cpu, measure(command).cpu) - bare;
    });
  });
}

const rows = Object.entries(REPOSITORIES)
  .filter(([name]) => name.includes(values.only ?? ""))
  .flatMap(([name, repository]) => {
    const counts = Array.from({ length: Number(values.doublings) + 1 }, (_, index) => repository.first * 2 ** index);
    const all = counts.map((count) => time(repository, count));
    return Object.keys(COMMANDS).map((command, index) => {
      const times = all.map((one) => one[index]!);
      const growth = growthOf(times);
      const said = times.map((one) => `${(one / 1000).toFixed(2)} s`).join(", ");
      const line = `| ${name} | \`${command}\` | ${counts.join(", ")} | ${said} | ${growth.toFixed(1)}× |`;
      console.error(line);
      return { growth, line };
    });
  });

const table = [
  "| more and more | command | how many | processor time | most growth |",
  "| --- | --- | --: | --: | --: |",
  ...rows.map(({ line }) => line),
];
console.log(table.join("\n"));
if (values.only === undefined && values.doublings === "2") replaceBetweenMarks("sizes", table);
process.exitCode = rows.some(({ growth }) => growth > MOST_GROWTH) ? 1 : 0;
