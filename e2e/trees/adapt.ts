import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gotkSync } from "../scenarios/gotk.ts";
import { CORE, gotkComponents } from "../world/gotk.ts";
import { placeOf } from "./catalog.ts";
import { yamlFiles } from "./documents.ts";
import { fluxChartFor } from "./flux-chart.ts";

export interface AdaptOptions {
  dir: string;
  /** URL of the tree's own repository, with https. */
  own: string;
  /** Flux release of the bench. */
  flux: string;
  operatorDir: string;
}

/** Flux API versions that newer releases no longer serve, and what their owners had to write instead. */
const API: [from: RegExp, to: string][] = [
  [/(\bsource\.toolkit\.fluxcd\.io)\/v1beta[12]\b/g, "$1/v1"],
  [/(\bkustomize\.toolkit\.fluxcd\.io)\/v1beta[12]\b/g, "$1/v1"],
  [/(\bhelm\.toolkit\.fluxcd\.io)\/v2beta[12]\b/g, "$1/v2"],
  [/(\bimage\.toolkit\.fluxcd\.io)\/v1beta[12]\b/g, "$1/v1"],
  [/(\bnotification\.toolkit\.fluxcd\.io)\/v1beta[12]\b/g, "$1/v1beta3"],
];

/**
 * Makes a tree one that the bench can serve, with as few edits as it takes: its Flux becomes the release of the bench,
 * Flux API versions that this one no longer serves become those it does, SSH becomes HTTPS, and what only the real
 * content could satisfy (signatures, digests, commits) goes. Returns what was done, with how often.
 */
export function adapt(options: AdaptOptions): Map<string, number> {
  const done = new Map<string, number>();
  for (const path of yamlFiles(options.dir)) {
    const file = join(options.dir, path);
    const text = readFileSync(file, "utf8");
    const changed = path.endsWith("gotk-components.yaml")
      ? components(text, options, done)
      : /toolkit\.fluxcd\.io|\bflux2\b/.test(text)
        ? adaptText(text, options, done)
        : text;
    if (changed !== text) writeFileSync(file, changed);
  }
  return done;
}

/** What `flux bootstrap` writes in place of the files of a cluster that waits for it. */
export function fillGotk(
  sync: string,
  { dir, own, flux, operatorDir }: AdaptOptions,
  components: string[] = CORE,
): void {
  const folder = dirname(sync);
  const gate = components.includes("source-watcher");
  const files = {
    [sync]: gotkSync(dirname(folder)).replaceAll("__GIT__", own),
    [join(folder, "gotk-components.yaml")]: gotkComponents({ operatorDir, version: flux, components, gate }),
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text);
}

/** The components a tree names, at the release of the bench. */
function components(text: string, { operatorDir, flux }: AdaptOptions, done: Map<string, number>): string {
  const version = /^# Flux Version: v?(\S+)/m.exec(text)?.[1];
  const listed = /^# Components: (\S+)/m.exec(text)?.[1]?.split(",");
  if (!version || !listed) return text;
  if (version === flux) return text;
  add(done, `gotk-components.yaml written anew for Flux ${flux} instead of ${version}`);
  const known = listed.filter((name) => existsSync(join(operatorDir, `config/data/flux/v${flux}/${name}.yaml`)));
  return gotkComponents({ operatorDir, version: flux, components: known });
}

/** One file; exported for its test. */
export function adaptText(
  text: string,
  { own, flux }: Pick<AdaptOptions, "own" | "flux">,
  done = new Map<string, number>(),
): string {
  let changed = text;
  const swap = (what: string, pattern: RegExp, by: string | ((...found: string[]) => string)) => {
    changed = changed.replace(pattern, (...found: string[]) => {
      const to = typeof by === "string" ? found[0]!.replace(pattern, by) : by(...found);
      if (to !== found[0]) add(done, what);
      return to;
    });
  };
  for (const [from, to] of API) swap("Flux API version that the release no longer serves", from, to);
  swap(
    "SSH address read over HTTPS",
    /\b(?:ssh:\/\/)?git@([a-z0-9.-]+)(?::\d+\/|[:/])([\w./-]+)/gi,
    (whole, host = "", path = "") =>
      placeOf(`https://${host}/${path}`) === placeOf(own)
        ? own
        : whole.startsWith("ssh:")
          ? `https://${host}/${path}`
          : whole,
  );
  swap(
    "flux-manifests of the release",
    /(flux-manifests\n(?:.*\n){0,6}? +tag: *["']?)v\d+\.\d+\.\d+(?:@sha256:[0-9a-f]+)?/g,
    `$1v${flux}`,
  );
  swap("chart of the release", /(chart: (?:\S*\/)?flux2\n +version: *["']?)[\w.+-]+/g, `$1${fluxChartFor(flux).chart}`);
  swap("install manifests of the release", /(fluxcd\/flux2\/manifests\/install\?ref=)v\d+\.\d+\.\d+/g, `$1v${flux}`);
  if (/^kind: (OCIRepository|GitRepository|HelmChart)/m.test(changed)) {
    swap("digest of a tag dropped", /^( +tag: *["']?[\w.+-]+)@sha256:[0-9a-f]{64}/gm, "$1");
    swap("signature check dropped", /^ {2}verify:\n(?: {3,}.*\n?)+/gm, "");
    swap("commit or digest dropped", /^ {4}(?:commit|digest): .*\n/gm, "");
  }
  return changed;
}

const add = (done: Map<string, number>, what: string) => done.set(what, (done.get(what) ?? 0) + 1);
