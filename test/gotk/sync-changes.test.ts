import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { runAll, runPhase } from "./run-phases.ts";

const SCRIPT = "scripts/try.sh";

function said(script: string, rule = "automation-changes-sync") {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { install, cutover, cleanup } = runAll({ ...home, [SCRIPT]: script });
  expect(install.rules).not.toContain(rule);
  const of = ({ findings }: typeof cutover) => findings.filter((finding) => finding.rule === rule);
  expect(of(cleanup).map(({ what }) => what)).toEqual(of(cutover).map(({ what }) => what));
  return of(cutover)[0];
}

test("commands that change the source or the root are named: the operator takes it back, and a branch has no effect", () => {
  const found = said(`#!/bin/sh
# kubectl patch gitrepository flux-system
kubectl -n flux-system patch gitrepository flux-system \\
  --type=merge -p '{"spec":{"ref":{"branch":"try"}}}'
kubectl patch gitrepositories.source.toolkit.fluxcd.io/flux-system --type=merge -p '{}'
flux create source git flux-system --url=ssh://git@git.example.org/fleet --branch=main
flux -n flux-system suspend kustomization flux-system
`);
  expect(found).toMatchObject({ level: "caution", at: { file: SCRIPT, line: 3 } });
  expect(found!.what).toContain([3, 5, 6, 7].map((line) => `${SCRIPT}:${line}`).join(", "));
  expect(found!.next).toContain("kubectl annotate --overwrite fluxinstance flux --namespace flux-system");
});

const manifest = (kind: string, name: string) =>
  `apiVersion: ${kind === "Kustomization" ? "kustomize" : "source"}.toolkit.fluxcd.io/v1
kind: ${kind}
metadata:
  name: ${name}
  namespace: flux-system
spec:
  path: ./clusters/$NAME
`;
const heredoc = (kind: string, name: string) => `kubectl apply -f - <<EOF\n${manifest(kind, name)}EOF\n`;

test("a manifest of the source or the root that a script applies is named as well", () => {
  const text = `#!/bin/sh\n${heredoc("GitRepository", "flux-system")}${heredoc("Kustomization", "flux-system")}`;
  expect(said(text)?.what).toContain(`${SCRIPT}:4, ${SCRIPT}:13`);
  const piped = `ROOT=$(cat <<EOF\n${manifest("Kustomization", "flux-system")}EOF\n)\necho "$ROOT" | kubectl create -f -\n`;
  expect(said(piped)).toMatchObject({ at: { file: SCRIPT, line: 3 } });
  const written = `cat <<EOF > /tmp/sync.yaml\n${manifest("Kustomization", "flux-system")}EOF\nkubectl apply -f /tmp/sync.yaml\n`;
  expect(said(written)).toMatchObject({ at: { file: SCRIPT, line: 3 } });
  const turned = heredoc("Kustomization", "flux-system").replace(/(apiVersion.*\n)(kind.*\n)/, "$2$1");
  expect(said(turned)).toMatchObject({ at: { file: SCRIPT, line: 2 } });
  const install = said(`flux install\n${heredoc("GitRepository", "flux-system")}`, "automation-installs-flux");
  expect(install?.next).toContain(`Drop what creates source and root behind it (${SCRIPT}:4)`);
});

test.each([
  heredoc("OCIRepository", "flux-system"),
  heredoc("GitRepository", "apps"),
  `cat <<EOF\n${manifest("GitRepository", "flux-system")}EOF\n# kubectl apply -f -\n`,
  heredoc("Kustomization", "flux-system").replace("kustomize.toolkit.fluxcd.io", "kustomize.config.k8s.io"),
  heredoc("GitRepository", "flux-system").replace("namespace: flux-system", "namespace: tenant"),
  heredoc("Kustomization", "apps").replace("metadata:", "metadata:\n  labels:\n    name: flux-system"),
  heredoc("Kustomization", "flux-system").replace("apply -f", "apply --dry-run=client -f"),
  `cat > clusters/new/sync.yaml <<EOF\n${manifest("Kustomization", "flux-system")}EOF\nkubectl apply -f secret.yaml\n`,
  `cat > sync.yaml <<EOF\n${manifest("Kustomization", "flux-system")}EOF\necho "now run kubectl apply -f sync.yaml"\n`,
])("but no other manifest (%#)", (script) => {
  expect(said(script)).toBeUndefined();
});

test("the place of a single command is not said twice", () => {
  const found = said("flux -n flux-system suspend kustomization flux-system\n");
  expect(found).toMatchObject({ at: { file: SCRIPT, line: 1 } });
  expect(found!.what).toMatch(/takes back within the hour\.$/);
});

test("what creates source and root is told on a tree that is done, too", () => {
  const script =
    "flux install\nflux create source git flux-system --url=x\nflux create kustomization flux-system --path=x\n";
  const { cleanup } = runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, [SCRIPT]: script });
  const adviceOf = ({ findings }: typeof cleanup) =>
    findings.find(({ rule }) => rule === "automation-installs-flux")?.next;
  expect(adviceOf(cleanup)).toContain(`Drop what creates source and root behind it (${SCRIPT}:2, ${SCRIPT}:3)`);
  expect(adviceOf(runPhase(cleanup.files, "cleanup"))).toBe(adviceOf(cleanup));
});

test.each([
  "kubectl patch gitrepository flux-system-charts -p '{}'",
  "kubectl patch gitrepository apps -p flux-system",
  "kubectl get gitrepository flux-system | patch flux-system",
  "flux create source git flux-system --url=x --export > source.yaml",
  "flux reconcile source git flux-system",
  "flux suspend kustomization apps",
  "flux install\nflux create source git flux-system --branch=try",
])("nothing is said of %s", (command) => {
  expect(said(`${command}\n`)).toBeUndefined();
});

test.each([
  ["scripts/try.ps1", "flux suspend kustomization flux-system\r\n"],
  ["bin/try", "#!/bin/sh\nflux suspend kustomization flux-system\n"],
])("a script of another kind counts as well: %s", (path, script) => {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { findings } = runAll({ ...home, [path]: script }).cutover;
  const found = findings.filter(({ rule }) => rule === "automation-changes-sync");
  expect(found).toMatchObject([{ at: { file: path } }]);
});

test("a recipe beside the one that installs Flux is for the same cluster, unless the file makes one to try", () => {
  const recipes = (first: string) => `up:
\t${first}
\tflux suspend kustomization flux-system

sources:
\tflux create source git flux-system --url=x

pause:
\tflux suspend kustomization flux-system

down:
\tflux uninstall --silent
`;
  const of = (text: string, rule: string) =>
    runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, Makefile: text })
      .cutover.findings.filter((finding) => finding.rule === rule)
      .map(({ at }) => at?.line);
  expect(of(recipes("flux install"), "automation-changes-sync")).toEqual([9]);
  expect(of(recipes("flux install"), "automation-uninstalls-flux")).toEqual([12]);
  expect(of(recipes("kind create cluster && flux install"), "automation-changes-sync")).toEqual([]);
});

test.each([
  [
    "justfile",
    "up:\n    #!/bin/sh\n    flux install\n    if true; then\n        SUSPEND\n    fi\n",
    "pause:\n    SUSPEND\n",
  ],
  [
    "Taskfile.yaml",
    "version: '3'\ntasks:\n  up:\n    cmds:\n      - flux install\n      - |\n        SUSPEND\n",
    "  pause:\n    cmds:\n      - SUSPEND\n",
  ],
])("what a recipe nests deeper than its install is of the same recipe: %s", (path, own, other) => {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };
  const of = (text: string) =>
    runAll({ ...home, [path]: text.replaceAll("SUSPEND", "flux suspend kustomization flux-system") })
      .cutover.findings.filter(({ rule }) => rule === "automation-changes-sync")
      .map(({ at }) => at?.line);
  expect(of(own)).toEqual([]);
  expect(of(own + other)).toHaveLength(1);
});

test("commands that take Flux off are named: the FluxInstance still asks for it", () => {
  const rule = "automation-uninstalls-flux";
  const found = said("# flux uninstall\nflux -n flux-system uninstall --silent\nflux uninstall --dry-run\n", rule);
  expect(found).toMatchObject({ level: "caution", at: { file: SCRIPT, line: 2 } });
  expect(found!.next).toContain("flux-operator uninstall --namespace flux-system");
  // Its place is that of the finding.
  expect(found!.what).toBe("This command takes Flux off while its FluxInstance asks for it.");
  expect(said("kind create cluster\nflux install\nflux uninstall --silent\n", rule)).toBeUndefined();
  expect(said("conflux uninstall\nflux get all # flux uninstall\n", rule)).toBeUndefined();
});

test.each([
  ["flux suspend kustomization --all", true],
  ["flux suspend kustomization --all --namespace flux-system 2>/dev/null", true],
  ["flux -n flux-system suspend source git --all", true],
  ['flux suspend ks -n "$NAMESPACE" --all', true],
  ["flux suspend kustomization --all -n apps", false],
  ["flux suspend kustomization --all-namespaces apps", false],
  ["flux suspend helmrelease --all", false],
])("a pause of all that there is: %s", (line, isSaid) => {
  expect(said(`#!/bin/sh\n${line}\n`) !== undefined).toBe(isSaid);
});

test("what follows flux install and creates source and root by hand is named with it", () => {
  const found = said(
    `#!/bin/sh
flux install --version=v2.7.5
flux create source git flux-system \\
  --url=ssh://git@git.example.org/fleet --branch=main
flux create source git charts --url=ssh://git@git.example.org/charts
flux create kustomization flux-system --source=GitRepository/flux-system --path=./clusters/home
flux create kustomization flux-system --path=./clusters/home --export
`,
    "automation-installs-flux",
  );
  expect(found!.next).toContain(`Drop what creates source and root behind it (${SCRIPT}:3, ${SCRIPT}:6):`);
});

test("what creates source and root above flux bootstrap is for another cluster", () => {
  const script =
    "try:\n\tflux install\n\tflux create source git flux-system --url=x\n\nup:\n\tflux bootstrap git --url=x --path=clusters/home\n";
  const files = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, Makefile: script };
  const advice = runAll(files)
    .cleanup.findings.filter(({ rule }) => rule === "automation-installs-flux")
    .map(({ at, next }) => [at?.line, next.includes("Drop what creates source and root behind it (Makefile:3)")]);
  expect(advice).toEqual([
    [2, true],
    [6, false],
  ]);
});

test("what a command sets on a root that nothing delivers is told before the instance is written without it", () => {
  const patch = `kubectl -n flux-system patch kustomization flux-system --type merge -p '
spec:
  decryption: {provider: sops}
'
`;
  const made = { ...makeFluxSystem("clusters/home", { root: { path: "./apps" } }), "apps/settings.yaml": CONFIG };
  const rulesOf = (files: Record<string, string>) =>
    runPhase(files, "install").findings.filter(({ rule }) => rule === "automation-changes-sync");
  expect(rulesOf({ ...made, [SCRIPT]: `#!/bin/sh\n${patch}` })).toMatchObject([
    { level: "caution", at: { file: SCRIPT, line: 2 } },
  ]);
  const [found] = rulesOf({ ...made, [SCRIPT]: patch });
  expect(found!.what).toContain("in this phase.");
  expect(found!.why).toContain("Nothing delivers clusters/home/flux-system/gotk-sync.yaml,");
  expect(found!.next).toContain("write what is missing into clusters/home/flux-system/gotk-sync.yaml");
  for (const line of [
    "flux suspend kustomization flux-system",
    "kubectl patch ks apps -p '{}'",
    "flux get ks flux-system",
  ])
    expect(rulesOf({ ...made, [SCRIPT]: `${line}\n` })).toEqual([]);
  // A root that delivers itself puts it back at its next turn.
  const own = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  expect(rulesOf({ ...own, [SCRIPT]: patch })).toEqual([]);
});
