import type { Cluster } from "../../src/cluster/types.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { dirname, join, relative } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { type FluxApp, readSubstitution } from "../shared/automation/apps.ts";

/** How a release of a helmfile gets the values of its app. */
export interface ValuesPlan {
  /** Entries of the release's `values`, relative to the helmfile. */
  entries: string[];
  /** Templates to create: path and text. */
  creates: { path: string; text: string }[];
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
export function planValues(
  tree: Tree,
  cluster: Cluster,
  helmfile: string,
  data: YamlData,
  apps: readonly FluxApp[],
): Map<FluxApp, ValuesPlan> {
  const plans = new Map<FluxApp, ValuesPlan>();
  const own: FluxApp[] = [];
  for (const app of apps) {
    const files = app.valuesFiles.map((file) => relativeEntry(helmfile, file));
    const plan: ValuesPlan = { entries: files, creates: [] };
    plans.set(app, plan);
    if (app.values === undefined) continue;
    const known = isPlain(cluster, app) ? findTemplate(tree, helmfile, data, app) : undefined;
    if (known === undefined) own.push(app);
    else plan.entries.push(known);
  }
  if (own.length > 0) addOwnTemplate(tree, cluster, helmfile, own, plans);
  return plans;
}

/** Whether `spec.values` of the first document, as written, is what helm-controller installs with. */
function isPlain(cluster: Cluster, app: FluxApp): boolean {
  return app.firstDocument && !readSubstitution(cluster, app).unescape;
}

function addOwnTemplate(
  tree: Tree,
  cluster: Cluster,
  helmfile: string,
  apps: readonly FluxApp[],
  plans: Map<FluxApp, ValuesPlan>,
): void {
  const dir = dirname(helmfile);
  const wanted = (path: string) => printTemplate(cluster, dirname(path), apps);
  const name = [TEMPLATE, OWN_TEMPLATE].find((candidate) => {
    const path = join(dir, candidate);
    return !tree.has(path) || tree.read(path) === wanted(path);
  });
  if (name === undefined) {
    for (const app of apps) plans.get(app)!.blockedBy = join(dir, OWN_TEMPLATE);
    return;
  }
  const path = join(dir, name);
  apps.forEach((app, index) => {
    const plan = plans.get(app)!;
    plan.entries.push(`./${name}`);
    if (index === 0 && !tree.has(path)) plan.creates.push({ path, text: wanted(path) });
  });
}

/** `./` before what lies below the helmfile's folder, as helmfiles are mostly written. */
function relativeEntry(helmfile: string, file: string): string {
  const path = relative(dirname(helmfile), file);
  return path.startsWith("../") ? path : `./${path}`;
}

/** A `.gotmpl` that a sibling release uses and that reads exactly this app's HelmRelease. */
function findTemplate(tree: Tree, helmfile: string, data: YamlData, app: FluxApp): string | undefined {
  const releases: YamlData[] = Array.isArray(data?.releases) ? data.releases : [];
  const entries = releases.flatMap((release) => (Array.isArray(release?.values) ? release.values : []));
  return entries.find(
    (entry): entry is string =>
      typeof entry === "string" && entry.endsWith(".gotmpl") && readsApp(tree, join(dirname(helmfile), entry), app),
  );
}

/** Whether a template prints `.spec.values` of the app's own HelmRelease when rendered for its release. */
export function readsApp(tree: Tree, template: string, app: FluxApp): boolean {
  const text = tree.read(template) ?? "";
  const calls = [...text.matchAll(/readFile\s+(?:\(\s*printf\s+)?"([^"]+)"((?:\s+\.Release\.\w+)*)/g)];
  const fields: Record<string, string> = { ".Release.Namespace": app.namespace, ".Release.Name": app.release };
  const reads = calls.some(([, pattern, args]) => {
    const values = args!.trim().split(/\s+/).filter(Boolean);
    const path = pattern!.replaceAll("%s", () => fields[values.shift() ?? ""] ?? "?");
    return join(dirname(template), path) === app.object.file;
  });
  return reads && /\.spec\.values|"spec"\s+"values"/.test(text);
}

/** The template in the plainest form that serves every app: one pattern over namespace and name, else one branch an app. */
function printTemplate(cluster: Cluster, dir: string, apps: readonly FluxApp[]): string {
  const unescapes = apps.map((app) => readSubstitution(cluster, app).unescape);
  const escaped = apps.flatMap((app, index) => (JSON.stringify(app.values).includes("$$") ? [unescapes[index]!] : []));
  const pattern = commonPattern(apps);
  if (pattern !== undefined && new Set(escaped).size <= 1 && apps.every(({ firstDocument }) => firstDocument)) {
    const file = `(printf ${JSON.stringify(relative(dir, pattern.path))}${pattern.args})`;
    return `${printValues(file, escaped[0] === true)}\n`;
  }
  const branches = apps.map((app, index) => {
    const file = JSON.stringify(relative(dir, app.object.file));
    const print = app.firstDocument ? printValues : printDocumentValues;
    const head = `{{- ${index === 0 ? "if" : "else if"} eq .Release.Name ${JSON.stringify(app.release)} }}`;
    return `${head}\n${print(file, unescapes[index]!)}\n`;
  });
  return `${branches.join("")}{{- end }}\n`;
}

/** Post-build substitution turns `$$` into `$` before Helm sees it; helmfile has to do the same. */
function printValues(file: string, unescaped: boolean): string {
  return `{{ (fromYaml (readFile ${file})).spec.values | toYaml${unescaped ? ' | replace "$$" "$"' : ""} }}`;
}

/** `fromYaml` reads the first document only, so a HelmRelease further down is looked for. */
function printDocumentValues(file: string, unescaped: boolean): string {
  const values = `$doc.spec.values | toYaml${unescaped ? ' | replace "$$" "$"' : ""}`;
  return [
    `{{- range splitList "\\n---" (readFile ${file}) }}`,
    "{{- $doc := fromYaml . }}",
    `{{- if eq (dig "kind" "" $doc) "HelmRelease" }}\n{{ ${values} }}\n{{- end }}`,
    "{{- end }}",
  ].join("\n");
}

/** `kubernetes/apps/%s/%s/app/helmrelease.yaml` when it yields the file of every app. */
function commonPattern(apps: readonly FluxApp[]): { path: string; args: string } | undefined {
  const [first] = apps;
  if (!first) return undefined;
  for (const parts of [["namespace", "release"], ["release"]] as const) {
    const path = fill(
      first.object.file,
      parts.map((part) => first[part]),
    );
    const args = parts.map((part) => (part === "namespace" ? " .Release.Namespace" : " .Release.Name")).join("");
    const fits = (app: FluxApp) => {
      const values = parts.map((part) => app[part]);
      return path?.replaceAll("%s", () => values.shift() ?? "") === app.object.file;
    };
    if (path !== undefined && apps.every(fits)) return { path, args };
  }
  return undefined;
}

/** Puts `%s` where a path has the given segments, in their order; undefined when one is missing. */
function fill(path: string, segments: readonly string[]): string | undefined {
  const left = [...segments];
  const out = path.split("/").map((segment) => {
    if (segment !== left[0]) return segment;
    left.shift();
    return "%s";
  });
  return left.length === 0 && !path.includes("%") ? out.join("/") : undefined;
}
