/**
 * Writes src/release/data/gotk-facts.json: what is needed to tell hand edits in gotk-components.yaml from what flux bootstrap
 * wrote, beyond the base objects: digests of the CRDs and the image tags of every release.
 *
 *   npx tsx scripts/make-gotk-facts.mjs [REFERENCE] [OUT]    npm run releases does this for all tables
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import yaml from "js-yaml";
import { openReference } from "../bench/reference/archive.ts";

const reference = openReference(process.argv[2]);
const out = process.argv[3] ?? join(import.meta.dirname, "../src/release/data");
const order = (name) => name.slice(1).split(".").map(Number);
const releases = (dir) =>
  readdirSync(dir)
    .filter((name) => /^v\d+\.\d+\.\d+$/.test(name))
    .sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1] || order(a)[2] - order(b)[2]);

const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);
/** Must equal `digestText` and `digestData` in src/cluster/gotk/facts.ts; a test compares them. */
const digestText = (text) =>
  hash(
    text
      .split("\n")
      .filter((line) => !/^ {4}app\.kubernetes\.io\/(instance|part-of|version): /.test(line))
      .map((line) => line.trimEnd())
      .filter((line) => line !== "" && line !== "---" && !line.startsWith("#"))
      .join("\n"),
  );
const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
};
const digestData = (object) => {
  const labels = { ...object.metadata.labels };
  for (const key of ["instance", "part-of", "version"]) delete labels[`app.kubernetes.io/${key}`];
  const copy = { ...object, metadata: { ...object.metadata, labels } };
  delete copy.status;
  return hash(JSON.stringify(sorted(copy)));
};

const digests = new Map();
const crds = {};
const manifests = join(reference.folder, "config/data/flux");
for (const release of releases(manifests)) {
  const indexes = [];
  for (const file of readdirSync(join(manifests, release)).sort()) {
    const text = readFileSync(join(manifests, release, file), "utf8");
    for (const part of text.split(/^---\n/m)) {
      if (!/^kind: CustomResourceDefinition$/m.test(part)) continue;
      const data = yaml.load(part, { schema: yaml.CORE_SCHEMA });
      const line = [data.metadata.name, digestText(part), digestData(data)].join(" ");
      if (!digests.has(line)) digests.set(line, digests.size);
      indexes.push(digests.get(line));
    }
  }
  crds[release.slice(1)] = indexes;
}

const images = {};
const variants = join(reference.folder, "config/data/flux-images");
for (const release of releases(variants)) {
  const { images: list } = yaml.load(readFileSync(join(variants, release, "upstream-alpine.yaml"), "utf8"));
  images[release.slice(1)] = list.map(({ name, newTag }) => `${name.split("/").at(-1)}:${newTag}`).join(" ");
}
reference.close();

const text = JSON.stringify({ digests: [...digests.keys()], crds, images }, null, 0)
  .replaceAll('","', '",\n"')
  .replaceAll("],", "],\n");
writeFileSync(join(out, "gotk-facts.json"), `${text}\n`);
