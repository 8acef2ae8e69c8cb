import type { Template } from "../../src/contract/media.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { dirname, join, relative } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import type { FluxApp } from "../shared/automation/apps.ts";
import { readSubstitution, type Substitution } from "../shared/automation/substitution.ts";
import { goText, joinTemplate, template } from "./template.ts";

/** A release that a helmfile is to hold, and how it gets the values of its app. */
export interface WantedRelease {
  app: FluxApp;
  substitution: Substitution;
  /** Entries of the release's `values`, relative to the helmfile. */
  values: string[];
  /** Template to create. */
  creates?: { path: string; text: Template };
  /** Set when the app has values that no template can serve, because files of both names are taken. */
  blockedBy?: string;
}

const TEMPLATE = "templates/values.yaml.gotmpl";
const OWN_TEMPLATE = "templates/flux-values.yaml.gotmpl";

/**
 * Finds the values of the apps for a helmfile: the plain file a HelmRelease takes its values from, a template the
 * repository already has when it really yields this app's values, else a template of our own.
 * helmfile resolves `readFile` from the template's folder and fails on a missing key (`missingkey=error`), so an app
 * without inline values gets no template.
 */
export function planReleases(
  { tree, cluster }: TransformContext,
  helmfile: string,
  data: YamlData,
  apps: readonly FluxApp[],
): WantedRelease[] {
  const wanted = apps.map((app): WantedRelease => {
    const values = app.valuesFiles.map((file) => relativeEntry(helmfile, file));
    return { app, substitution: readSubstitution(cluster, app), values };
  });
  const own = wanted.filter(({ app, substitution, values }) => {
    if (app.values === undefined) return false;
    // Only then is `spec.values` of the first document, as written, what helm-controller installs with.
    const isPlain = app.firstDocument && !substitution.unescape;
    const known = isPlain ? findTemplate(tree, helmfile, data, app) : undefined;
    if (known !== undefined) values.push(known);
    return known === undefined;
  });
  if (own.length > 0) addOwnTemplate(tree, dirname(helmfile), own);
  return wanted;
}

function addOwnTemplate(tree: Tree, dir: string, releases: readonly WantedRelease[]): void {
  for (const name of [TEMPLATE, OWN_TEMPLATE]) {
    const path = join(dir, name);
    const text = printTemplate(dirname(path), releases);
    if (tree.has(path) && tree.read(path) !== text) continue;
    for (const { values } of releases) values.push(`./${name}`);
    if (!tree.has(path)) releases[0]!.creates = { path, text };
    return;
  }
  for (const release of releases) release.blockedBy = join(dir, OWN_TEMPLATE);
}

/** `./` before what lies below the helmfile's folder, as helmfiles are mostly written. */
function relativeEntry(helmfile: string, file: string): string {
  const path = relative(dirname(helmfile), file);
  return path.startsWith("../") ? path : `./${path}`;
}

/** A `.gotmpl` that a sibling release uses and that reads exactly this app's HelmRelease. */
function findTemplate(tree: Tree, helmfile: string, data: YamlData, app: FluxApp): string | undefined {
  return itemsOf(data?.releases)
    .flatMap((release) => itemsOf(release.values))
    .filter((entry) => typeof entry === "string" && entry.endsWith(".gotmpl"))
    .find((entry) => readsApp(tree, join(dirname(helmfile), entry), app));
}

/** Whether a template prints `.spec.values` of the app's own HelmRelease when rendered for its release. */
export function readsApp(tree: Tree, template: string, app: FluxApp): boolean {
  const text = tree.read(template) ?? "";
  const calls = [...text.matchAll(/readFile\s+(?:\(\s*printf\s+)?"([^"]+)"((?:\s+\.Release\.\w+)*)/g)];
  const fields: Record<string, string> = { ".Release.Namespace": app.namespace, ".Release.Name": app.release };
  const reads = calls.some(([, pattern, args]) => {
    const given = args!.trim().split(/\s+/);
    const path = pattern!.replaceAll("%s", () => fields[given.shift() ?? ""] ?? "?");
    return join(dirname(template), path) === app.object.file;
  });
  return reads && /\.spec\.values|"spec"\s+"values"/.test(text);
}

/** The template in the plainest form that serves every app: one pattern over namespace and name, else one branch an app. */
function printTemplate(dir: string, releases: readonly WantedRelease[]): Template {
  const apps = releases.map(({ app }) => app);
  const escaped = releases.filter(({ app }) => JSON.stringify(app.values).includes("$$"));
  const unescapes = new Set(escaped.map(({ substitution }) => substitution.unescape));
  const pattern = commonPattern(apps);
  if (pattern !== undefined && unescapes.size <= 1 && apps.every(({ firstDocument }) => firstDocument)) {
    const file = template`(printf ${goText(relative(dir, pattern.path))}${pattern.args})`;
    return template`${printValues(file, unescapes.has(true))}\n`;
  }
  const branches = releases.map(({ app, substitution }, index) => {
    const file = goText(relative(dir, app.object.file));
    const print = app.firstDocument ? printValues : printDocumentValues;
    const word = index === 0 ? template`if` : template`else if`;
    const head = template`{{- ${word} eq .Release.Name ${goText(app.release)} }}`;
    return template`${head}\n${print(file, substitution.unescape)}\n`;
  });
  return template`${joinTemplate(branches, "")}{{- end }}\n`;
}

/** Post-build substitution turns `$$` into `$` before Helm sees it; helmfile has to do the same. */
function printValues(file: Template, unescaped: boolean): Template {
  return template`{{ (fromYaml (readFile ${file})).spec.values | toYaml${undouble(unescaped)} }}`;
}

/** `fromYaml` reads the first document only, so a HelmRelease further down is looked for. */
function printDocumentValues(file: Template, unescaped: boolean): Template {
  const lines = [
    template`{{- range splitList "\\n---" (readFile ${file}) }}`,
    template`{{- $doc := fromYaml . }}`,
    template`{{- if eq (dig "kind" "" $doc) "HelmRelease" }}`,
    template`{{ $doc.spec.values | toYaml${undouble(unescaped)} }}`,
    template`{{- end }}`,
    template`{{- end }}`,
  ];
  return joinTemplate(lines, "\n");
}

function undouble(isWanted: boolean): Template {
  return isWanted ? template` | replace "$$" "$"` : template``;
}

/** `kubernetes/apps/%s/%s/app/helmrelease.yaml` when it yields the file of every app. */
function commonPattern(apps: readonly FluxApp[]): { path: string; args: Template } | undefined {
  const forms = [
    {
      args: template` .Release.Namespace .Release.Name`,
      valuesOf: ({ namespace, release }: FluxApp) => [namespace, release],
    },
    { args: template` .Release.Name`, valuesOf: ({ release }: FluxApp) => [release] },
  ];
  for (const { args, valuesOf } of forms) {
    const [path, ...others] = new Set(apps.map((app) => generalize(app.object.file, valuesOf(app))));
    if (path !== undefined && others.length === 0) return { path, args };
  }
  return undefined;
}

/** Puts `%s` where a path has the given segments, in their order; undefined when one is missing. */
function generalize(path: string, segments: readonly string[]): string | undefined {
  let next = 0;
  const out = path.split("/").map((segment) => {
    if (segment !== segments[next]) return segment;
    next++;
    return "%s";
  });
  return next === segments.length && !path.includes("%") ? out.join("/") : undefined;
}
