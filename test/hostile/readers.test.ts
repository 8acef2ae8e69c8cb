import { expect, test } from "vitest";
import { isQuantity } from "../../src/admission/quantity.ts";
import { makeWords } from "../../src/change/words.ts";
import { joinArguments } from "../../src/cluster/argument-lists.ts";
import { readPushCalls } from "../../src/cluster/artifact-calls.ts";
import { COMMUNITY, findChartElsewhere } from "../../src/cluster/chart-elsewhere.ts";
import { readTemplates } from "../../src/cluster/outside/templates.ts";
import { findMadeInstances, findTold } from "../../src/cluster/outside/told.ts";
import { setAtTarget } from "../../src/cluster/target-path.ts";
import { made, type Yaml } from "../../src/contract/media.ts";
import { isFluxInstallUrl, isReleaseFile } from "../../src/delivery/kinds.ts";
import { splitFieldPath } from "../../src/delivery/kustomize/field-path.ts";
import { fillIn } from "../../src/delivery/kustomize/index.ts";
import { chompEnd } from "../../src/delivery/kustomize/read-end.ts";
import { isText } from "../../src/delivery/kustomize/retype.ts";
import { CONVERT_FROM, listFilled } from "../../src/delivery/resource-set/filled.ts";
import { runTransforms } from "../../src/plan/run-transforms.ts";
import { readRange } from "../../src/release/ranges.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { printPreferred } from "../../src/yaml/scalars.ts";
import { detectTemplate } from "../../src/yaml/template.ts";
import { missingEnvironment } from "../../transforms/automation-mentions/environment.ts";
import { findScheduled } from "../../transforms/automation-mentions/installs.ts";
import { findRunners } from "../../transforms/automation-mentions/runners.ts";
import { cliWay } from "../../transforms/automation-mentions/ways.ts";
import { learnStyle } from "../../transforms/bootstrap-helmfile/text.ts";
import { readChartComments } from "../../transforms/charts-to-oci/comments.ts";
import { isOfSourceKey } from "../../transforms/rewrite-references/rendered.ts";
import { learnSchemas } from "../../transforms/shared/apps/learn-schemas.ts";
import { isReadElsewhere } from "../../transforms/shared/automation/readers.ts";
import { namesTag, parseArtifactUrl } from "../../transforms/shared/oci/registry.ts";
import { memoryTree } from "../support/memory.ts";
import { withDeadline } from "./plan-example.ts";

const SIZE = 200 * 1024;
const run = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length));
/** What takes its square only slowly is as long as a file may be. */
const whole = (piece: string) => run(piece).repeat(9);

const nobody = { before: memoryTree({}), model: { clusters: [] } } as never;
const workflow = (text: string) => ({ path: ".github/workflows/a.yaml", kind: "workflow" as const, text });
const environment = (text: string) => {
  const tree = memoryTree({ "helmfile.yaml": '{{ requiredEnv "A" }}', ".envrc": text });
  const line = { file: { path: "Taskfile.yaml", kind: "task", text: "" }, number: 1 };
  return missingEnvironment({ line } as never, { path: "helmfile.yaml", operator: "a", instance: "b" }, tree);
};
const STARTED = 'resource "flux_bootstrap_git" "a" {\n  path = "a/x"\n}\n';
const SYNCED = 'name = "instance.sync.path"\nvalue = "a/b"\n';
const started = 'data "flux_sync" "a" {\n  target_path = var.a\n}\n';

const flux = (text: string) => `# flux-instance\n${text}\n`;
const template = (text: string) =>
  readTemplates(memoryTree({ "a.yaml.j2": `kind: FluxInstance\n${text}`, "play.yaml": "src: a.yaml.j2\n" }));
const KINDS = ["FluxKustomization", "HelmRelease", "OCIRepository", "HelmRepository", "Kustomization"] as const;
const samples = (text: string) =>
  Object.fromEntries(KINDS.map((kind) => [kind, { texts: [text], apiVersion: "a/v1" }])) as never;

/** What reads a text or a value of a repository that is as long as somebody likes, with what its pattern took the square of. */
const READERS: Record<string, () => unknown> = {
  "the schedule of a workflow": () => findScheduled(nobody, [workflow(run("\n"))]),
  "the environment of a helmfile": () => environment(run("\n")),
  "what Terraform sets in the chart": () =>
    findTold(memoryTree({ "main.tf": `# flux\nname = "instance.sync.path"${run("\n")}` })),
  "the variables of Terraform": () => findTold(memoryTree({ "main.tf": started, "a.tfvars": run("\n") })),
  "the starts of Terraform": () => findTold(memoryTree({ "main.tf": whole(STARTED) })),
  "the variables of the starts of Terraform": () =>
    findTold(memoryTree({ "main.tf": whole(STARTED.replace("a/x", "a/${var.a}")), "a.tfvars": whole("b = 1\n") })),
  "the FluxInstances of Terraform": () =>
    findMadeInstances(memoryTree({ "main.tf": `# flux-instance\n${whole(SYNCED)}` })),
  "the calls of a script": () => findTold(memoryTree({ "a.sh": whole("flux bootstrap git --path=a/b\n") })),
  "a key of values": () => isOfSourceKey(whole("source")),
  "what a ResourceSet converts": () =>
    listFilled({ metadata: { annotations: { [CONVERT_FROM]: `a/${run(":")}` } } }, "ConfigMap"),
  "a command of one line after the other": () =>
    findChartElsewhere(memoryTree({ "a.sh": `# ${COMMUNITY} flux2\n${run("helm \\\n").repeat(3)}` })),
  "commands that install Flux": () =>
    ['flux install --dry-run"', "flux install --export", "diff <( flux install "].map((part) =>
      cliWay(`${run(part)}&`),
    ),
  "manifests that run the flux CLI": () => {
    const text = whole(`foo flux install ${"flux".repeat(490)}\n`);
    findRunners({
      before: memoryTree({ "a.yaml": text }),
      model: { clusters: [{ files: new Set(["a.yaml"]) }] },
    } as never);
  },
  "images of the flux CLI in one map": () =>
    findRunners({
      before: memoryTree({ "a.yaml": "  image: flux-cli\n".repeat(30_000) }),
      model: { clusters: [{ files: new Set(["a.yaml"]) }] },
    } as never),
  "the style of a helmfile": () => learnStyle(run("\n"), [{ start: 0, end: 1, indent: 0 } as never]),
  "the address of an install": () => isFluxInstallUrl(run("fluxcd/flux2/releases/")),
  "the address of a release": () => isReleaseFile(run("/releases/download/")),
  "the address of a registry": () => [namesTag(`a/${run(":")}/`), parseArtifactUrl(`ghcr.io/${run(":")}/a`)],
  "a range of versions": () => [`${run(" ")}x`, run("1"), run("1-"), run("1 - 1 ")].map(readRange),
  "long names in a text that is much like them": () =>
    makeWords([run("aaa").repeat(3)]).isIn(`x${run("aaa").repeat(3)}`.repeat(9)),
  "lists of arguments that do not end": () => joinArguments(whole("argv[flux,delete,[")),
  "an amount": () => isQuantity(`${run("1")}x`),
  "a text to print": () => printPreferred(`${run("1")}x`, "double"),
  "a value that is filled in": () => isText(`a${run(": ")}\nb`),
  "a field path of a replacement": () => splitFieldPath(`[a${run("[")}b`),
  "variables that lead to each other": () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => [`A${index}`, `\${A${index + 1}}`]);
    return fillIn({ a: "${A0}" }, { substitute: Object.fromEntries([...chain, ["A10000", "x"]]) });
  },
  "the path below sync in a template": () => template(`spec:\n  sync:\n${`${" ".repeat(30)}a: b\n`.repeat(12)}`),
  "blanks behind a path in a template": () => template(`sync:\n  path: a${run("\t")}"b"\n`),
  "the path of a FluxInstance in a program": () =>
    findMadeInstances(memoryTree({ "main.tf": flux(`sync:${run("\t")}x`) })),
  "blanks behind a path in Terraform": () =>
    findTold(memoryTree({ "main.tf": STARTED.replace('"a/x"', `"a/x"${run(" ")}b`) })),
  "arguments of the flux CLI in a list": () => joinArguments(`argv:\n- flux\n- a${run("\t")}b\n`),
  "words that a text sets": () => readPushCalls("a.sh", `A=${run("{{a}}")} b\nflux push artifact $A\n`),
  "addresses that a text sets": () => readPushCalls("a.sh", `A=oci://b${run(" ")}"x"\nflux push artifact $A\n`),
  "comments in front of objects": () =>
    ["# a\n", "# yaml-language-server: $schema=a\n"].map((line) => learnSchemas(samples(run(line).repeat(3)))),
  "the end of a file": () => chompEnd(`a:\n  b: c\n${run(">#")}\rx`),
  "marks of a template": () => detectTemplate(run("#{")),
  "a list in brackets": () => editYaml(`{${run("\r")}a: b}\n`, [{ op: "set", doc: 0, path: ["c"], value: "d" }]),
  "a text that is put in": () => new RawYaml(made<Yaml>(`a${run(" ")}b`)).shape,
  "a text in quotes that is put at a targetPath": () => setAtTarget({}, "a.b", `'a${run("'")}b'`, false),
  "comments of a chart": () =>
    readChartComments(`spec:\n  chart:\n    spec:\n      version: 1 #${run("\t")}x\n      chart: a\n`, { doc: 0 }),
};

test.each(Object.entries(READERS))("%s takes no more than its length", (_, read) => {
  expect(() => withDeadline(read)).not.toThrow();
});

test("what they read stays the same", () => {
  for (const url of [
    "fluxcd/flux2/manifests/install",
    "fluxcd/flux2.git//manifests/bases/x",
    "fluxcd/flux2/releases/download/v2/install.yaml",
  ])
    expect([url, isFluxInstallUrl(url)]).toEqual([url, true]);
  for (const url of ["fluxcd/flux2/releases/install.yaml", "a/releases/b/install.yaml", "fluxcd/flux2/manifests/x"])
    expect([url, isFluxInstallUrl(url)]).toEqual([url, false]);
  const set = ["'a'", `"'a'"`, "'a", "''", `'a"b'`].map((text) => setAtTarget({}, "k", text, false));
  expect(set).toEqual(["a", "a", "'a", "", `a"b`].map((k) => ({ k })));
  expect(["1", "1.", "1.5Gi", ".5", "1e3", "1.x", "."].map(isQuantity)).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(["a", "1_0", "1.5", "a: b", "a #b", "a:", "a\n: b", "[a"].map(isText)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect(["1", "1_0", "._1", "1.5e3", "a1"].map((one) => printPreferred(one, "double"))).toEqual([
    '"1"',
    '"1_0"',
    '"._1"',
    '"1.5e3"',
    "a1",
  ]);
  const args = "argv:\n- flux\n- 'bootstrap'\n-  \"git\" \n- --path=a b\t\n";
  expect(joinArguments(args)).toBe("argv:\n- flux bootstrap git --path=a b\n\n\n\n");
  const [push] = readPushCalls("a.sh", "A='oci://a/b'  \nflux push artifact $A:c --path=.\n");
  expect(push?.address).toBe("oci://a/b");
  expect(template("sync:\n  kind: a\n\n").length + template("  sync:\n    kind: a\n    path: 'b/c' # d\n").length).toBe(
    1,
  );
  const hint = "# yaml-language-server: $schema=https://a/fluxcd/kustomization_v1.json";
  const object = "apiVersion: a/v1\nkind: HelmRelease\n";
  for (const text of [`# a\n${hint}\n# b\n---\n# c\n${object}`, `---\n${hint}\n${object}`])
    expect(learnSchemas(samples(text)).HelmRelease).toBe(hint);
  expect(["a/b:c", "a/b@c", "a:5000/b", "a/b"].map(namesTag)).toEqual([true, true, false, false]);
  expect(parseArtifactUrl("oci://ghcr.io/a/b:c@d")).toEqual({ host: "ghcr.io", path: "a/b" });
});

test("a file may draw more findings than a call takes arguments", () => {
  const finding = { rule: "yaml-broken", level: "info", what: "a", why: "b", next: "c" };
  const findings = Array.from({ length: 200_000 }, () => finding);
  const transform = { id: "a", phases: ["install"], applies: () => true, run: () => ({ edits: [], findings }) };
  const tree = memoryTree({});
  const input = { transforms: [transform], tree, model: { tree }, cluster: { name: "a" }, phase: "install" };
  const run = runTransforms({ ...input, options: { only: [], skip: [] } } as never);
  expect(run.findings).toHaveLength(findings.length);
});

test("a path of many parts that a run fills in is looked for once", () => {
  const path = `a/${"-".repeat(60)}/values.yaml`;
  const reads = (word: string, file = path) =>
    withDeadline(() => isReadElsewhere(memoryTree({ [file]: "", "s.sh": `helm -f ${word}\n` }), file, new Set()));
  expect(reads(`a/${"$A-".repeat(20)}x/values.yaml`)).toBe(false);
  expect(reads(`a/${"$A-".repeat(20)}/values.yaml`)).toBe(true);
  for (const word of ["$DIR/values.yaml", "x/../a/$A/values.yaml", "b/$A-c/values.yaml", "$A$B/values.yaml"])
    expect([word, reads(word, "a/b/b-c/values.yaml")]).toEqual([word, !word.startsWith("x")]);
  for (const word of ["b/$A-d/values.yaml", "c/$A/values.yaml", "b/b-c$A-c/values.yaml", "a/b/b-c/$A/values.yaml"])
    expect([word, reads(word, "a/b/b-c/values.yaml")]).toEqual([word, false]);
});
