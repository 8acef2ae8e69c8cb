import { describe, expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const JOB = ".github/workflows/e2e.yaml";

/** A job that tries a branch in a kind cluster. */
const job = (source: string, path = "./clusters/home") => `name: e2e
on: pull_request
jobs:
  kind:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        cluster: [home]
    steps:
      - run: flux install
      - run: |
          flux create source git flux-system \\
            --url=\${{ github.event.repository.html_url }} \\
            --branch=\${GITHUB_REF#refs/heads/}${source}
          flux create kustomization flux-system \\
            --source=flux-system \\
            --path=${path}
`;

function said(text: string, path = JOB) {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { cutover, cleanup } = runAll({ ...home, [path]: text });
  const of = ({ findings }: typeof cutover) => findings.filter(({ rule }) => rule === "automation-tests-sync");
  expect(of(cleanup).map(({ what }) => what)).toEqual(of(cutover).map(({ what }) => what));
  return of(cutover)[0];
}

test.each(["./clusters/home", "clusters/${{ matrix.cluster }}/", '"./clusters/home"', './clusters/"$MODE"'])(
  "a job that starts a test cluster from %s is named: the operator in it reads the branch of the instance",
  (path) => {
    const found = said(job("", path));
    expect(found).toMatchObject({ level: "caution", at: { file: JOB, line: 15 } });
    expect(found!.what).toContain("refs/heads/main");
    expect(found!.next).toContain("--ignore-paths=clusters/home/flux-system/flux-instance.yaml");
  },
);

test.each([
  job(' \\\n            --ignore-paths="clusters/**/flux-system/"'),
  job(" \\\n            --ignore-paths=./clusters/${{ matrix.cluster }}/flux-system/"),
  job("", "./apps"),
  job("").replace("- run: flux install", "- run: make cluster"),
  job("").replace("--source=flux-system", "--export"),
])("nothing is said where the instance does not come along (%#)", (text) => {
  expect(said(text)).toBeUndefined();
});

test("a script that may make the cluster of the repository is not told what is for tests alone", () => {
  const script = "flux install\nflux create source git flux-system --url=$URL --branch=$BRANCH\n";
  const root = "flux create kustomization flux-system --source=flux-system --path=./clusters/home\n";
  const open = said(`${script}${root}`, "scripts/deploy.sh")!;
  expect(open.next).toMatch(/^Where it makes the cluster of this repository, do what is said of its flux install/);
  const tried = said(`kind create cluster\n${script}${root}`, "scripts/try.sh")!;
  expect(tried.next).toMatch(/^Have the job create FluxKustomizations/);
});

describe("a script for a cluster on this machine whose Flux something else has installed", () => {
  const source = "flux create source oci flux-system --url=oci://registry:5000/fleet --tag=latest --context $CONTEXT\n";
  const root = (path: string) => `kubectl create -f - <<EOF
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
spec:
  path: ${path}
  sourceRef:
    kind: OCIRepository
    name: flux-system
EOF
`;
  const own = 'CONTEXT="k3d-$1"\n';

  test("is named where it makes the root there", () => {
    const found = said(`${own}${source}${root("./clusters/$1")}`, "scripts/try.sh");
    expect(found).toMatchObject({ level: "caution", at: { file: "scripts/try.sh", line: 9 } });
    expect(found!.next).toMatch(/^Have the job create FluxKustomizations/);
    const command = "flux create kustomization flux-system --source=OCIRepository/flux-system --path=./clusters/home\n";
    expect(said(`kind create cluster\n${source}${command}`, "scripts/try.sh")).toMatchObject({ at: { line: 3 } });
  });

  test.each([
    `CONTEXT="home"\n${source}${root("./clusters/home")}`,
    `${own}${source}${root("./apps")}`,
    `${own}${root("./clusters/home")}`,
    `# CONTEXT="k3d-home"\n${source}${root("./clusters/home")}`,
    "kind create cluster\nfor path in charts/*; do helm install --wait try $path; done\n",
  ])("is not named where it does something else (%#)", (text) => {
    expect(said(text, "scripts/try.sh")).toBeUndefined();
  });
});

test("a job that goes on to create source and root may keep its flux install", () => {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const next = (text: string) =>
    runAll({ ...home, [JOB]: text }).cutover.findings.find(({ rule }) => rule === "automation-installs-flux")?.next;
  expect(next(job("", "./apps"))).toMatch(/^If the job tries a branch in a cluster for tests, leave the line\./);
  expect(next(job("").replace(/ {6}- run: [|].*/s, ""))).toMatch(/^Remove the step/);
});

describe("a script that applies the controllers alone", () => {
  const run = (create: string, more = "") => {
    const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
    const path = "scripts/try.sh";
    const text = `${create}\nkubectl apply -f clusters/home/flux-system/gotk-components.yaml\n${more}kubectl apply -k apps\n`;
    const { cutover } = runAll({ ...home, [path]: text });
    return cutover.findings.filter(({ rule, at }) => rule === "automation-tests-sync" && at?.file === path);
  };

  test("in a cluster of its own is named: what takes their place reads the branch of the instance", () => {
    const [found, ...others] = run("k3d cluster create try");
    expect(others).toEqual([]);
    expect(found).toMatchObject({ level: "caution", at: { line: 2 }, next: expect.stringContaining("flux install") });
    expect(found!.what).toContain("refs/heads/main");
  });

  test("in another one, or with the sync, is not", () => {
    expect(run("kubectl config use-context home")).toEqual([]);
    const sync = "kubectl apply -f clusters/home/flux-system/gotk-sync.yaml\n";
    expect(run("kind create cluster", sync)).toEqual([]);
  });
});

test.each([
  ["cat <<EOF", true],
  ["  cat >&2 <<-'EOF'", true],
  ["usage() { cat << EOF", true],
  ["cat <<EOF | bash", false],
  ["cat <<EOF > setup.sh", false],
  ["bash <<EOF", false],
])("words that a script prints are listed, those that may run are rewritten: %s", (open, isPrinted) => {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const path = "scripts/help.sh";
  const text = `${open}\n  kubectl apply -f clusters/home/flux-system/gotk-components.yaml\n  EOF\n`;
  const { cutover, cleanup } = runAll({ ...home, [path]: text });
  expect(cleanup.files[path] === text).toBe(isPrinted);
  const named = cutover.findings.some(({ rule, at }) => rule === "automation-names-removed" && at?.file === path);
  expect(named).toBe(isPrinted);
});

test.each([
  ["scripts/up.sh", "k3d cluster create $1\nflux install", "caution", true],
  ["scripts/up.sh", "flux install", "caution", false],
  ["scripts/up.sh", "# for tests: kind create cluster\n./setup-k3s.sh\nflux install", "caution", false],
  [JOB, "      - uses: helm/kind-action@v1\n      - run: flux install", "info", true],
  [JOB, "      - run: flux install", "info", false],
] as const)(
  "controllers for a cluster that the file makes may stay as they are: %s %j",
  (path, text, level, isTrial) => {
    const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
    const { cutover } = runAll({ ...home, [path]: `${text}\n` });
    const [found, ...others] = cutover.findings.filter(({ rule }) => rule === "automation-installs-flux");
    expect(others).toEqual([]);
    expect(found!.level).toBe(level);
    expect(found!.next.includes("If the cluster is for tests, leave the line")).toBe(isTrial);
    expect(found!.next.includes("Remove the step")).toBe(!isTrial && level === "info");
    expect(found!.next.includes("helm upgrade --install flux-operator")).toBe(level === "caution");
  },
);
