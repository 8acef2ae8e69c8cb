import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { applyFolder, fluxKustomization, HELM_REPOSITORY, helmRelease, LIST, SYNC, type Write } from "../trees.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");
const COMPONENTS = readFileSync(join(EXAMPLES, "fleet/clusters/home/flux-system/gotk-components.yaml"), "utf8");

/** A repository that grows in one way. */
export interface Repository {
  /** How many there are at first. */
  first: number;
  write(write: Write, count: number): void;
  /** What a merge changes, for `verify`. */
  edit: { file: string; from: string; to: string };
}

const each = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join("");

/** What `flux bootstrap` writes for one cluster. */
function bootstrap(write: Write, cluster: string): void {
  const folder = `clusters/${cluster}/flux-system`;
  write(`${folder}/gotk-components.yaml`, COMPONENTS);
  write(`${folder}/gotk-sync.yaml`, SYNC.replace("./clusters/prod", `./clusters/${cluster}`));
  write(`${folder}/kustomization.yaml`, `${LIST}  - gotk-components.yaml\n  - gotk-sync.yaml\n`);
}

const source = (index: number) => `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: source-${index}
  namespace: flux-system
spec:
  interval: 1h
  url: https://github.com/acme/fleet
  ref:
    branch: main
  ignore: |
    /*
    !/apps/app-${index}
${applyFolder(`app-${index}`, `./apps/app-${index}`, `source-${index}`)}`;

const patch = (index: number) =>
  `    - target: {kind: ConfigMap, name: app-${index}}\n      patch: |\n        - {op: add, path: /data/b, value: c${index}}\n`;
const configMap = (index: number) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-${index}\n  namespace: default\ndata:\n  a: b\n`;

/** All files below a folder of an example. */
function filesOf(folder: string): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]);
}
const HOME_OPS = filesOf(join(EXAMPLES, "home-ops/kubernetes"));

/** By what there is more and more of. */
export const REPOSITORIES: Record<string, Repository> = {
  "clusters that `flux bootstrap` made": {
    first: 25,
    write(write, count) {
      write("infrastructure/podinfo.yaml", HELM_REPOSITORY);
      for (let index = 0; index < count; index++) {
        bootstrap(write, `c${index}`);
        write(
          `clusters/c${index}/apps.yaml`,
          applyFolder("apps", `./apps/c${index}`) + applyFolder("infrastructure", "./infrastructure"),
        );
        write(`apps/c${index}/release.yaml`, helmRelease(index));
      }
    },
    edit: { file: "apps/c1/release.yaml", from: "6.5.0", to: "6.5.1" },
  },
  "clusters with the `flux-manifests` artifact": {
    first: 10,
    write(write, count) {
      for (let index = 0; index < count; index++)
        for (const [path, text] of HOME_OPS)
          write(`kubernetes/c${index}/${path}`, text.replaceAll("kubernetes/", `kubernetes/c${index}/`));
    },
    edit: { file: "kubernetes/c1/apps/default/echo/app/helmrelease.yaml", from: "interval: ", to: "interval: 1" },
  },
  "objects of one file": {
    first: 500,
    write(write, count) {
      bootstrap(write, "prod");
      write(
        "clusters/prod/all.yaml",
        HELM_REPOSITORY + each(count, (index) => `---\n${helmRelease(index)}${configMap(index)}`),
      );
    },
    edit: { file: "clusters/prod/all.yaml", from: "6.5.0", to: "6.5.1" },
  },
  "FluxKustomizations of one file": {
    first: 500,
    write(write, count) {
      bootstrap(write, "prod");
      write("clusters/prod/all.yaml", each(count, fluxKustomization));
      for (let index = 0; index < count; index++) write(`apps/app-${index}/config.yaml`, configMap(index));
    },
    edit: { file: "apps/app-1/config.yaml", from: "a: b", to: "a: c" },
  },
  "HelmReleases below one FluxKustomization": {
    first: 1000,
    write(write, count) {
      bootstrap(write, "prod");
      write("clusters/prod/apps.yaml", applyFolder("apps", "./apps"));
      write("apps/repository.yaml", HELM_REPOSITORY);
      for (let index = 0; index < count; index++) write(`apps/app-${index}/release.yaml`, helmRelease(index));
    },
    edit: { file: "apps/app-1/release.yaml", from: "6.5.0", to: "6.5.1" },
  },
  "patches of one FluxKustomization": {
    first: 500,
    write(write, count) {
      bootstrap(write, "prod");
      write("clusters/prod/apps.yaml", `${applyFolder("apps", "./apps")}  patches:\n${each(count, patch)}`);
      for (let index = 0; index < count; index++) write(`apps/app-${index}/config.yaml`, configMap(index));
    },
    edit: { file: "apps/app-1/config.yaml", from: "a: b", to: "a: c" },
  },
  "sources that each leave out other files": {
    first: 250,
    write(write, count) {
      bootstrap(write, "prod");
      write("clusters/prod/all.yaml", each(count, source));
      for (let index = 0; index < count; index++) write(`apps/app-${index}/release.yaml`, helmRelease(index));
    },
    edit: { file: "apps/app-1/release.yaml", from: "6.5.0", to: "6.5.1" },
  },
};
