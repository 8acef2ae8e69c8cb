import { expect, test } from "vitest";
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

function said(text: string) {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { cutover, cleanup } = runAll({ ...home, [JOB]: text });
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
  job("").replace("- run: flux install", "- run: kind create cluster"),
  job("").replace("--source=flux-system", "--export"),
])("nothing is said where the instance does not come along (%#)", (text) => {
  expect(said(text)).toBeUndefined();
});
