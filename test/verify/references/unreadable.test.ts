import { describe, expect, test } from "vitest";
import { refusesPattern } from "../../../src/delivery/kustomize/regex.ts";
import { usesUpdated } from "../../../src/references/flux/update-message.ts";
import { kustomization, object, release } from "../home-tree.ts";
import { type Files, judge } from "../judge.ts";
import { CHESS_APP, chart, chartTree, inFlux, inShort, PLAYER_APP, REPOS, repository, says } from "./tree.ts";

const OWN = `${PLAYER_APP}/own.yaml`;
const tree = (text: string): Files => ({
  ...chartTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "own.yaml"]),
  [OWN]: text,
});
/** What is said where a line of an object becomes another one. */
const edit = (text: string, from: string, to: string): string => {
  const later = text.replace(from, () => to);
  expect(later).not.toBe(text);
  return inShort(tree(text), { [OWN]: later });
};

const SOURCE = "source.toolkit.fluxcd.io/v1";
const IMAGE = "image.toolkit.fluxcd.io/v1beta2";
const OPERATOR = "fluxcd.controlplane.io/v1";
const git = inFlux("GitRepository", "away", SOURCE, [
  "  interval: 1h",
  "  url: https://git.example.invalid/a/b.git",
  "  ref: {semver: 1.x}",
]);
const oci = inFlux("OCIRepository", "away", `${SOURCE}beta2`, [
  "  interval: 1h",
  "  url: oci://registry.example.invalid/a",
  "  ref: {semver: 1.x}",
]);
const signed = (by: string) => `1h\n  verify: {provider: cosign, matchOIDCIdentity: [{${by}}]}`;
const layer = (type: string) => `1h\n  layerSelector: {mediaType: ${type}, operation: copy}`;
const policy = inFlux("ImagePolicy", "app", IMAGE, [
  "  imageRepositoryRef: {name: app}",
  "  filterTags: {pattern: '^v(?P<ver>.*)$', extract: $ver}",
  "  policy: {semver: {range: 1.x}}",
]);
const images = inFlux("ImageRepository", "app", IMAGE, [
  "  interval: 1h",
  "  image: registry.example.invalid:5000/app",
  "  exclusionList: ['^.*\\.sig$']",
]);
const provider = inFlux("ResourceSetInputProvider", "calls", OPERATOR, [
  "  type: GitHubPullRequest",
  "  url: https://github.com/me/app",
  "  filter: {includeBranch: '^feat/.*'}",
  "  schedule: [{cron: '0 8 * * 1-5'}]",
]);
const set = inFlux("ResourceSet", "calls", OPERATOR, [
  "  commonMetadata: {labels: {team: web}}",
  "  resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: media}}]",
]);

describe("a value that the API server takes and its controller cannot read", () => {
  test.each<[string, string, string]>([
    [git, "1.x", "latest"],
    [oci, "1.x", "'>=1.0.0 <<2'"],
    [oci, "semver: 1.x", "digest: abc"],
    [oci, "semver: 1.x", "tag: 1.0.0@sha256:0a0a"],
    [oci, "semver: 1.x", "tag: 1.0.0+up1"],
    [oci, "invalid/a", "invalid/a:1.0.0"],
    [oci, "invalid/a", "invalid/Team/a"],
    [oci, "1h", layer("application/vnd.cncf.helm.chart.content.v1.tar+gzp")],
    [oci, "1h", layer("aplication/vnd.cncf.helm.chart.content.v1.tar+gzip")],
    [oci, "1h", layer("application/vnd.cncf.flux.v1.tar+gzip")],
    [oci, "semver: 1.x", "semver: 1.x, semverFilter: '*-rc'"],
    [oci, "1h", signed("issuer: '^https://(?!x)', subject: a")],
    [oci, "1h", signed("issuer: a, subject: '*.example.com'")],
    [policy, "1.x", "newest"],
    [policy, "semver: {range: 1.x}", ""],
    [policy, "^v(?P<ver>.*)$", "^v(?P<ver>.*$"],
    [policy, "^v(", "^(?!rc)("],
    [images, "5000/app", "5000/app:1.0"],
    [images, "registry", "https://registry"],
    [images, "^.*", "*"],
    [provider, "^feat/.*", "*feat"],
    [provider, "0 8 * * 1-5", "every day"],
    [set, "web", "'web team'"],
  ])("stops what it looks after: %#", (text, from, to) => {
    const name = `${/kind: (\w+)/.exec(text)![1]} media/${/name: (\w+)/.exec(text)![1]}`;
    expect(edit(text, from, to)).toContain(`reconcile-stops ${name}`);
  });

  test.each<[string, string, string]>([
    [git, "1.x", "'>=1.0.0-0 <2 || 3.*'"],
    [git, "semver: 1.x", "commit: abc, semver: latest"],
    [oci, "1h", layer("application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
    [oci, "1h", layer("application/vnd.oci.image.layer.v1.tar+gzip")],
    [oci, "1h", signed("issuer: '^https://.*$', subject: '^.*$'")],
    [oci, "semver: 1.x", `digest: sha256:${"0a".repeat(32)}`],
    [oci, "semver: 1.x", "tag: v1.0.0_up1-rc.2"],
    [oci, "semver: 1.x", "tag: a@b, semver: 1.x"],
    [oci, "invalid/a", "invalid:5000/team/a_b.c-d"],
    [policy, "1.x", "'>=1.0, <2'"],
    [policy, "semver: {range: 1.x}", "numerical: {order: asc}"],
    [policy, "^v(?P<ver>.*)$", "^(?i)v(?P<ver>[[:digit:].]+)$"],
    [images, "5000/app", "5000/team/app"],
    [provider, "0 8 * * 1-5", "@daily"],
    [set, "web", "web-team_1.0"],
  ])("is one that it can read: %#", (text, from, to) => {
    expect(edit(text, from, to)).not.toContain("reconcile-stops");
  });

  test("is a tag with its digest, which some registries take", () => {
    const pinned = (tag: string) => `tag: ${tag}@sha256:${"0a".repeat(32)}`;
    expect(edit(oci, "semver: 1.x", pinned("1.0.0"))).toBe("unproven | safety-unknown OCIRepository media/away");
    expect(edit(oci.replace("semver: 1.x", pinned("1.0.0")), "tag: 1.0.0", "tag: 1.0.1")).toBe("safe");
  });

  test("is a pattern of what drift detection leaves out", () => {
    const drift = (mode: string, kind: string) =>
      `interval: 1h\n  driftDetection: {mode: ${mode}, ignore: [{paths: [/spec/replicas], target: {kind: '${kind}'}}]}`;
    const to = (mode: string, kind: string) => edit(release("away"), "interval: 1h", drift(mode, kind));
    expect(to("enabled", "Deploy(ment")).toContain("reconcile-stops HelmRelease media/away");
    expect(to("enabled", "(Deployment|StatefulSet)")).toBe("safe");
    expect(to("disabled", "Deploy(ment")).toBe("safe");
  });

  test("was so before", () => {
    expect(edit(git.replace("1.x", "latest"), "interval: 1h", "interval: 2h")).toBe("safe");
  });

  test("is shown without who logs in", () => {
    const { findings } = says(tree(images), { [OWN]: images.replace("registry", () => "https://me:hunter2@registry") });
    expect(findings[0]!.what).toContain('spec.image is "https://…@registry.example.invalid');
  });

  test("is not read while the object is suspended", () => {
    const paused = git.replace("spec:", "spec:\n  suspend: true");
    expect(edit(paused, "1.x", "latest")).toBe("safe");
    expect(edit(paused.replace("1.x", "latest"), "  suspend: true\n", "")).toContain("reconcile-stops GitRepository");
  });

  test("names the value and its place", () => {
    const { findings } = says(tree(git), { [OWN]: git.replace("1.x", "latest") });
    expect(findings.map(({ what }) => what)).toEqual([
      'GitRepository media/away is fetched no more: spec.ref.semver is "latest", which is no range of versions.',
    ]);
    expect(findings[0]!.at).toMatchObject({ file: OWN, line: 10 });
  });

  test("as what a Kustomization writes into everything", () => {
    const ks = "kubernetes/apps/games/chess/ks.yaml";
    const add = (marks: string) => ({
      [ks]: chartTree()[ks]!.replace("spec:", `spec:\n  commonMetadata: {${marks}}`),
    });
    for (const taken of ["labels: {team: web}", "annotations: {Example.invalid/team: 'web team'}"])
      expect(inShort(chartTree(), add(taken))).toBe("safe");
    for (const refused of ["labels: {team: 'web team'}", "labels: {a team: web}", "annotations: {a team: web}"])
      expect(inShort(chartTree(), add(refused))).toBe("unsafe | reconcile-stops Kustomization flux-system/chess");
  });
});

describe("the chart of a release", () => {
  const HR = `${CHESS_APP}/helmrelease.yaml`;
  const release = (was: string, is: string) => ({
    [HR]: chart("chess", "bjw-charts").replace(was, () => is),
  });
  const stopped = "unsafe | reconcile-stops HelmRelease games/chess";

  test("has a version that is none", () => {
    expect(inShort(chartTree(), release("chart: app,", "chart: app, version: latest,"))).toBe(stopped);
    expect(inShort(chartTree(), release("chart: app,", "chart: app, version: 4.1.2.3,"))).toBe(stopped);
    expect(inShort(chartTree(), release("chart: app,", "chart: app, version: '>=4 <6',"))).toBe("safe");
    expect(inShort(chartTree(), release("chart: app,", "chart: app, version: '${V}',"))).toBe("safe");
  });

  test("may be a tag of any name in a registry", () => {
    const from = chartTree();
    from[`${REPOS}/bjw.yaml`] = repository("bjw-charts", ["type: oci"]).replace("https:", "oci:");
    expect(inShort(from, release("chart: app,", "chart: app, version: latest,"))).toBe("safe");
  });

  test("is signed by who is no pattern, in a registry", () => {
    const verify = "verify: {provider: cosign, matchOIDCIdentity: [{issuer: '^https://.*$', subject: SUBJECT}]}";
    const oci = {
      ...chartTree(),
      [`${REPOS}/bjw.yaml`]: repository("bjw-charts", ["type: oci"]).replace("https:", "oci:"),
    };
    const signed = (subject: string) => release("chart: app,", `chart: app, ${verify.replace("SUBJECT", subject)},`);
    for (const subject of ["'*.example.com'", "'x{1001}'"]) {
      expect(inShort(oci, signed(subject))).toContain(stopped);
      expect(inShort(chartTree(), signed(subject))).not.toContain("reconcile-stops");
    }
    expect(inShort(oci, signed("'^.*$'"))).not.toContain("reconcile-stops");
    const own = inFlux("HelmChart", "app", SOURCE, [
      ...["  interval: 1h", "  chart: app", "  sourceRef: {kind: HelmRepository, name: bjw-charts}", `  ${verify}`],
    ]);
    const both = `${own}${oci[`${REPOS}/bjw.yaml`]}`;
    expect(edit(both, "SUBJECT", "'*.example.com'")).toContain("reconcile-stops HelmChart");
    expect(edit(both, "SUBJECT", "'^.*$'")).not.toContain("reconcile-stops");
  });

  test("is named as a path, though it comes from a HelmRepository", () => {
    expect(inShort(chartTree(), release("chart: app,", "chart: ./charts/app,"))).toContain("reconcile-stops");
    expect(inShort(chartTree(), release("chart: app,", "chart: My_App,"))).toContain("reconcile-stops");
    const aside = { ...chartTree(), ...release("chart: app,", "chart: team/app.v2,") };
    expect(inShort(aside, release("chart: app,", "chart: team/app.v2, interval: 1h,"))).toBe("safe");
  });

  test("comes from a registry that is none", () => {
    const url = repository("bjw-charts", ["type: oci"]);
    expect(inShort(chartTree(), { [`${REPOS}/bjw.yaml`]: url })).toBe(
      "unsafe | reconcile-stops HelmRepository flux-system/bjw-charts",
    );
  });

  test("comes from a registry that is logged in to otherwise", () => {
    const from = chartTree();
    from[`${REPOS}/bjw.yaml`] = repository("bjw-charts", ["type: oci"]).replace("https:", "oci:");
    const edits = { [`${REPOS}/bjw.yaml`]: `${from[`${REPOS}/bjw.yaml`]}  provider: azure\n` };
    expect(inShort(from, edits)).toContain("unproven | safety-unknown HelmRepository flux-system/bjw-charts");
  });

  test("comes from another address, which is said", () => {
    const text = chartTree()[`${REPOS}/bjw.yaml`]!.replace("charts.example", "other.example");
    const { findings } = says(chartTree(), { [`${REPOS}/bjw.yaml`]: text });
    expect(findings.map(({ rule }) => rule)).toEqual(["chart-unread"]);
  });
});

describe("what a release takes values from", () => {
  const values = (text: string, kind = "ConfigMap") =>
    object(kind, "settings", "v1", [
      kind === "Secret" ? "stringData:" : "data:",
      "  values.yaml: |",
      ...text.split("\n").map((line) => `    ${line}`),
    ]);
  const from = (ref: string, kind = "ConfigMap") => ({
    ...tree(values("host: a", kind)),
    [`${PLAYER_APP}/helmrelease.yaml`]: chart("player", "bjw-charts", [`valuesFrom: [${ref}]`]),
  });
  const ref = "{kind: ConfigMap, name: settings}";

  test("is no YAML any more, or no map", () => {
    for (const text of ["host: [a", "a line", "- a"])
      expect(inShort(from(ref), { [OWN]: values(text) })).toBe("unsafe | reference-breaks ConfigMap media/settings");
    const { findings } = says(from(ref.replace("ConfigMap", "Secret"), "Secret"), {
      [OWN]: values("a: [hunter2", "Secret"),
    });
    expect(findings.map(({ rule }) => rule)).toEqual(["reference-breaks"]);
    expect(findings[0]!.what).not.toContain("(");
  });

  test("goes on being a map, or is taken as a text", () => {
    for (const text of ["host: b", "", "host: a\nhost: b", "host: ${HOST}"])
      expect(inShort(from(ref), { [OWN]: values(text) })).toBe("safe");
    expect(inShort(from("{kind: ConfigMap, name: settings, targetPath: a.b}"), { [OWN]: values("a line") })).toBe(
      "safe",
    );
  });

  test("is named from now on, and holds no map", () => {
    const named = (one: string) => from(one)[`${PLAYER_APP}/helmrelease.yaml`]!;
    const tree = (one: string) => ({ ...from(one), [OWN]: values("a line") });
    const change = (one: string, to: string) => inShort(tree(one), { [`${PLAYER_APP}/helmrelease.yaml`]: named(to) });
    const asText = ref.replace("}", ", targetPath: a.b}");
    expect(change(asText, ref)).toBe("unsafe | reference-missing HelmRelease media/player");
    expect(change(ref, asText)).toBe("safe");
    // It could not read them before either.
    expect(change(ref, ref.replace("}", ", optional: true}"))).toBe("safe");
  });
});

test("a selector that no provider of inputs has the labels for", () => {
  const inputs = (from: string, labels = "app: x") =>
    inFlux("ResourceSetInputProvider", "apps", OPERATOR, ["  type: Static", "  defaultValues: {part: a}"]).replace(
      "  namespace:",
      `  labels: {${labels}}\n  namespace:`,
    ) +
    inFlux("ResourceSet", "apps", OPERATOR, [
      `  inputsFrom: [{kind: ResourceSetInputProvider, ${from}}]`,
      "  resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: 'x-<< inputs.part >>', namespace: media}}]",
    ]);
  const named = inputs("name: apps");
  const change = (to: string, from = named) => inShort(tree(from), { [OWN]: to });
  expect(change(inputs("selector: {matchLabels: {app: x}}"))).toBe("safe");
  expect(change(inputs("selector: {matchLabels: {app: z}}"))).toBe("unsafe | reference-breaks ResourceSet media/apps");
  expect(change(inputs("selector: {matchLabels: {app: z}}", "app: z"))).toBe("safe");
  const selected = inputs("selector: {matchLabels: {app: x}}");
  // That provider goes on purpose.
  expect(change(selected.slice(selected.indexOf("---", 5)), selected)).toBe("deletes");
  // One of two.
  const other = (labels: string) =>
    inFlux("ResourceSetInputProvider", "other", OPERATOR, ["  type: Static", "  defaultValues: {part: b}"]).replace(
      "  namespace:",
      `  labels: {${labels}}\n  namespace:`,
    );
  const both = (labels: string) => inputs("selector: {matchLabels: {team: apps}}", "team: apps") + other(labels);
  const slips = "unsafe | reference-breaks ResourceSet media/apps";
  expect(change(both("team: app"), both("team: apps"))).toBe(slips);
  expect(change(both("taem: apps"), both("team: apps"))).toBe(slips);
  expect(change(both("team: games"), both("team: apps"))).toBe("deletes");
  expect(change(both("team: apps, more: x"), both("team: apps"))).toBe("safe");
});

test("an expression that a Receiver filters by", () => {
  const receiver = inFlux("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
    "  type: generic",
    "  secretRef: {name: hook}",
    "  resources: [{kind: GitRepository, name: home}]",
    "  resourceFilter: req.tag == 'v1'",
  ]);
  expect(edit(receiver, "'v1'", "'v2'")).toBe("safe");
  expect(edit(receiver, "== 'v1'", "==")).toBe("unsafe | reconcile-stops Receiver media/hook");
});

test("a Receiver that names all of a kind picks them by labels", () => {
  const receiver = inFlux("Receiver", "hook", "notification.toolkit.fluxcd.io/v1", [
    "  type: generic",
    "  secretRef: {name: settings}",
    "  resources: [{kind: GitRepository, name: '*', matchLabels: {app: web}}]",
  ]);
  expect(edit(receiver, ", matchLabels: {app: web}", "")).toBe("unsafe | reconcile-stops Receiver media/hook");
  expect(edit(receiver, "app: web", "")).toBe("safe");
});

test.each([
  ["^v?(\\d+)$", undefined],
  ["(?i)a|(?s:b)|(?P<x>c)", undefined],
  ["[(?!]", undefined],
  ["^*a", undefined],
  ["a(?=b)", "invalid or unsupported Perl syntax: `(?=`"],
  ["(a)\\1", "invalid escape sequence: `\\1`"],
  ["*a", "missing argument to repetition operator: `*`"],
  ["a)", "unexpected ): `a)`"],
  ["x{1000}", undefined],
  ["x{1001}", "invalid repeat count: `{1001}`"],
  ["x{2,1001}", "invalid repeat count: `{2,1001}`"],
])("Go's reading of %s", (text, why) => {
  expect(refusesPattern(text)).toBe(why);
});

test("a message with .Updated", () => {
  expect(usesUpdated("{{range .Updated.Images}}{{println .}}{{end}}")).toBe(true);
  expect(usesUpdated("Not .Updated {{ .Changed.Changes }} .Updated")).toBe(false);
  expect(usesUpdated(undefined)).toBe(false);
  const bot = inFlux("ImageUpdateAutomation", "bot", IMAGE, [
    "  interval: 1h",
    "  sourceRef: {kind: GitRepository, name: home}",
    "  git: {commit: {author: {name: bot, email: bot@example.invalid}, messageTemplate: '{{.AutomationObject}}'}}",
  ]);
  expect(edit(bot, ".AutomationObject", ".Changed.Changes")).toBe("safe");
  expect(edit(bot, ".AutomationObject", ".Changed.Images")).toBe(
    "unsafe | reconcile-stops ImageUpdateAutomation media/bot",
  );
  // Flux 2.6 fills it in.
  expect(edit(bot, ".AutomationObject", ".Updated.Images")).toBe("safe");
  const newer = { ...tree(bot) };
  newer["kubernetes/flux/config/flux.yaml"] = newer["kubernetes/flux/config/flux.yaml"]!.replace("v2.6.4", "v2.7.5");
  const { findings } = judge(newer, { [OWN]: bot.replace(".AutomationObject", ".Updated.Images") });
  expect(findings.map(({ rule }) => rule)).toEqual(["reconcile-stops"]);
  const upgrade = judge(tree(bot.replace(".AutomationObject", ".Updated.Images")), {
    "kubernetes/flux/config/flux.yaml": newer["kubernetes/flux/config/flux.yaml"]!,
  });
  expect(upgrade.findings.map(({ rule, resource }) => `${rule} ${resource}`)).toEqual([
    "instance-harms ImageUpdateAutomation flux-system/bot",
  ]);
});

test("a message whose template is not closed, and what no group of a pattern has", () => {
  const bot = inFlux("ImageUpdateAutomation", "bot", IMAGE, [
    "  interval: 1h",
    "  sourceRef: {kind: GitRepository, name: home}",
    "  git: {commit: {author: {name: bot, email: bot@example.invalid}, messageTemplate: '{{.AutomationObject}}'}}",
  ]);
  expect(edit(bot, ".AutomationObject}}", ".AutomationObject")).toBe(
    "unsafe | reconcile-stops ImageUpdateAutomation media/bot",
  );
  expect(edit(bot, ".AutomationObject", '"{{" | print')).toBe("safe");
  const policy = inFlux("ImagePolicy", "web", IMAGE, [
    "  imageRepositoryRef: {name: web}",
    "  filterTags: {pattern: '^v(?P<major>\\d+)\\.(\\d+)-\\(x\\)(?:y)$', extract: '$major'}",
    "  policy: {numerical: {order: asc}}",
  ]);
  for (const extract of ["$2", "${major}.${2}", "$0", "$$1", "$major-$2"])
    expect(edit(policy, "extract: '$major'", `extract: '${extract}'`)).toBe("safe");
  for (const extract of ["$mjor", "$majorx", "$3"])
    expect(edit(policy, "extract: '$major'", `extract: '${extract}'`)).toContain("reconcile-stops ImagePolicy");
});
