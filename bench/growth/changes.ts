// Measures how `verify` grows with the number of objects that one change touches, for changes of every kind: each count is
// twice the one before. Use: npm run bench:changes [-- --only moved --counts 500,1000] ; ends with 1 where a doubling takes
// more than 2.3 times as long. Without options it writes bench/README.md.
import { renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measure } from "../measure.ts";
import { replaceBetweenMarks } from "../readme.ts";
import {
  commitAll,
  fluxKustomization,
  git,
  HELM_REPOSITORY,
  helmRelease,
  LIST,
  SYNC,
  type Write,
  withFolder,
  writerIn,
} from "../trees.ts";
import { growthOf, MOST_GROWTH } from "./doublings.ts";

const CLI = resolve(import.meta.dirname, "../../dist/fluxlift.js");

interface Place {
  root: string;
  write: Write;
  all: readonly number[];
}

interface Change {
  before: (place: Place) => void;
  after: (place: Place) => void;
}

const release = (index: number) => `---\n${helmRelease(index)}`;
const settings = (all: readonly number[], value: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: flux-system\ndata:\n${all.map((index) => `  V${index}: ${value}${index}\n`).join("")}`;
const filled = (index: number) =>
  `${fluxKustomization(index)}  postBuild:\n    substituteFrom:\n      - kind: ConfigMap\n        name: settings\n`;

const inOneFile = ({ write, all }: Place, head: string, text: (index: number) => string) =>
  write("clusters/prod/all.yaml", `${head}${all.map(text).join("")}`);
const inFolders = ({ write, all }: Place, text: (index: number) => string = release) => {
  for (const index of all) write(`apps/app-${index}/release.yaml`, text(index));
};

const deployment = (index: number) => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app-${index}, namespace: default}
spec: {selector: {matchLabels: {app: a${index}}}, template: {metadata: {labels: {app: a${index}}}, spec: {containers: [{name: app, image: nginx, args: ["$(V${index})"]}]}}}
`;
const configMap = (index: number, value = index) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}, namespace: default}\ndata: {a: b${value}}\n`;
const variable = (index: number) =>
  `  - {name: V${index}, objref: {apiVersion: v1, kind: ConfigMap, name: c${index}}, fieldref: {fieldpath: data.a}}\n`;
const artifact = (index: number) => `---
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: made-${index}, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: flux-system}]
  artifacts: [{name: made-${index}, copy: [{from: "@repo/apps/app-${index}/**", to: "@artifact/"}]}]
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app-${index}, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./, sourceRef: {kind: ExternalArtifact, name: made-${index}}}
`;

const pod = ({ all }: Place, image: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: pods, namespace: default}
spec:
  selector: {matchLabels: {app: pods}}
  template:
    metadata: {labels: {app: pods}}
    spec:
      containers:
${all.map((index) => `        - {name: c${index}, image: ${image}, volumeMounts: [{name: v${index}, mountPath: /a}]}\n`).join("")}      volumes:
${all.map((index) => `        - {name: v${index}, emptyDir: {}}\n`).join("")}`;

/** By what they are called in the table. */
const CHANGES: Record<string, Change> = {
  "a version of each release": {
    before: (place) => inOneFile(place, HELM_REPOSITORY, release),
    after: (place) => inOneFile(place, HELM_REPOSITORY, (index) => release(index).replace("6.5.0", "6.5.1")),
  },
  "releases of one file go": {
    before: (place) => inOneFile(place, HELM_REPOSITORY, release),
    after: ({ write }) => write("clusters/prod/all.yaml", HELM_REPOSITORY),
  },
  "the chart repository of all releases goes": {
    before: (place) => inOneFile(place, HELM_REPOSITORY, release),
    after: (place) => inOneFile(place, "", release),
  },
  "Kustomizations of one file go": {
    before: (place) => {
      inOneFile(place, HELM_REPOSITORY, fluxKustomization);
      inFolders(place);
    },
    after: ({ write }) => write("clusters/prod/all.yaml", HELM_REPOSITORY),
  },
  "all Kustomizations are suspended": {
    before: (place) => {
      inOneFile(place, HELM_REPOSITORY, fluxKustomization);
      inFolders(place);
    },
    after: (place) => inOneFile(place, HELM_REPOSITORY, (index) => `${fluxKustomization(index)}  suspend: true\n`),
  },
  "folders of all Kustomizations are moved": {
    before: (place) => {
      inOneFile(place, HELM_REPOSITORY, fluxKustomization);
      inFolders(place);
    },
    after: ({ root }) => renameSync(join(root, "apps"), join(root, "workloads")),
  },
  "a folder of files is moved with its list": {
    before: ({ write, all }) => {
      write("clusters/prod/kustomization.yaml", `${LIST}  - flux-system\n  - apps\n`);
      write("clusters/prod/apps/kustomization.yaml", LIST + all.map((index) => `  - app-${index}.yaml\n`).join(""));
      for (const index of all) write(`clusters/prod/apps/app-${index}.yaml`, release(index));
    },
    after: ({ root, write }) => {
      renameSync(join(root, "clusters/prod/apps"), join(root, "clusters/prod/work"));
      write("clusters/prod/kustomization.yaml", `${LIST}  - flux-system\n  - work\n`);
    },
  },
  "what variables of kustomize stand for": {
    before: (place) => {
      place.write(
        "clusters/prod/kustomization.yaml",
        `${LIST}  - flux-system\n  - all.yaml\nvars:\n${place.all.map(variable).join("")}`,
      );
      inOneFile(place, "", (index) => configMap(index) + deployment(index));
    },
    after: (place) => inOneFile(place, "", (index) => configMap(index, index + 1) + deployment(index)),
  },
  "folders that ArtifactGenerators copy": {
    before: (place) => {
      inOneFile(place, HELM_REPOSITORY, artifact);
      inFolders(place);
    },
    after: (place) => inFolders(place, (index) => release(index).replace("6.5.0", "6.5.1")),
  },
  "containers and volumes of one pod": {
    before: (place) => place.write("clusters/prod/all.yaml", pod(place, "nginx:1")),
    after: (place) => place.write("clusters/prod/all.yaml", pod(place, "nginx:2")),
  },
  "settings that all Kustomizations fill in": {
    before: (place) => {
      inOneFile(place, settings(place.all.slice(0, 100), "a"), filled);
      inFolders(place, (index) => release(index).replace("default", `"\${V${index % 100}}"`));
    },
    after: (place) => inOneFile(place, settings(place.all.slice(1, 100), "b"), filled),
  },
};

const { values } = parseArgs({ options: { only: { type: "string" }, counts: { type: "string" } } });
const counts = (values.counts ?? "500,1000,2000,4000").split(",").map(Number);

/** Processor time of one `verify`; milliseconds. */
function time({ before, after }: Change, count: number): number {
  return withFolder((root) => {
    const write = writerIn(root);
    write("clusters/prod/flux-system/gotk-sync.yaml", SYNC);
    write("clusters/prod/flux-system/kustomization.yaml", `${LIST}  - gotk-sync.yaml\n`);
    const place = { root, write, all: Array.from({ length: count }, (_, index) => index) };
    before(place);
    commitAll(root, "https://github.com/acme/fleet");
    after(place);
    git(root, "add", "--all");
    git(root, "commit", "-qm", "Change");
    const command = { command: ["node", CLI, "verify", "--base", "HEAD~1"], cwd: root };
    return Math.min(measure(command).cpu, measure(command).cpu);
  });
}

const bare = measure({ command: ["node", "-e", "0"], times: 5 }).cpu;

const rows = Object.entries(CHANGES)
  .filter(([name]) => name.includes(values.only ?? ""))
  .map(([name, change]) => {
    const times = counts.map((count) => time(change, count) - bare);
    console.error(`${name}: ${times.map((one) => `${Math.round(one)} ms`).join(", ")}`);
    return { name, times, growth: growthOf(times) };
  });

const table = [
  `| one change | ${counts.join(" | ")} | most growth |`,
  `| --- | ${counts.map(() => "--:").join(" | ")} | --: |`,
  ...rows.map(
    ({ name, times, growth }) =>
      `| ${name} | ${times.map((one) => `${(one / 1000).toFixed(2)} s`).join(" | ")} | ${growth.toFixed(1)}× |`,
  ),
];
console.log(table.join("\n"));
if (values.only === undefined && values.counts === undefined) replaceBetweenMarks("changes", table);
process.exitCode = rows.some(({ growth }) => growth > MOST_GROWTH) ? 1 : 0;
