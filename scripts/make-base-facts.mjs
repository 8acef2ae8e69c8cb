/**
 * Writes src/release/data: what the Flux manifests embedded in flux-operator hold, as far as porting patches
 * needs to know it. Every object of every version once, image tags cut off, CRD schemas left out.
 *
 *   npx tsx scripts/make-base-facts.mjs [REFERENCE] [OUT]    npm run releases does this for all tables
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import yaml from "js-yaml";
import { openReference } from "../bench/reference/archive.ts";

const reference = openReference(process.argv[2]);
const root = join(reference.folder, "config/data/flux");
const data = process.argv[3] ?? join(import.meta.dirname, "../src/release/data");

/** Drops what no patch can be judged by: descriptions and schemas of CRDs, tags of images. */
function compact(object) {
  if (object.kind === "CustomResourceDefinition") {
    const { group, scope, versions } = object.spec;
    return {
      ...object,
      status: undefined,
      spec: { group, scope, versions: versions.map(({ name, served, storage }) => ({ name, served, storage })) },
    };
  }
  if (object.kind === "Deployment") {
    for (const container of object.spec.template.spec.containers)
      container.image = container.image.replace(/:[^:/]*$/, "");
  }
  return object;
}

const lines = [];
const seen = new Map();
const versions = {};
const minor = (name) => name.slice(1).split(".").map(Number);
const names = readdirSync(root)
  .filter((name) => /^v\d+\.\d+\.\d+$/.test(name))
  .sort((a, b) => minor(a)[0] - minor(b)[0] || minor(a)[1] - minor(b)[1] || minor(a)[2] - minor(b)[2]);
for (const name of names) {
  const files = {};
  for (const file of readdirSync(join(root, name)).sort()) {
    const objects = yaml.loadAll(readFileSync(join(root, name, file), "utf8")).filter(Boolean);
    files[file.replace(/\.yaml$/, "")] = objects.map((object) => {
      const line = JSON.stringify(compact(object));
      if (!seen.has(line)) {
        seen.set(line, lines.length);
        lines.push(line);
      }
      return seen.get(line);
    });
  }
  versions[name.slice(1)] = files;
}
reference.close();

const objects = lines.join("\n");
const texts = Object.entries(versions).map(([version, list]) => [version, JSON.stringify(list)]);
const files = texts
  .filter(([, text], index) => text !== texts[index - 1]?.[1])
  .map(([version, text]) => `${JSON.stringify(version)}:${text}`);
writeFileSync(join(data, "base-objects.jsonl"), `${objects}\n`);
writeFileSync(join(data, "base-versions.json"), `{\n${files.join(",\n")}\n}\n`);
