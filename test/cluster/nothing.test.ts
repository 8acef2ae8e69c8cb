import { describe, expect, test } from "vitest";
import { planOf } from "../traps/support.ts";
import { flux, gitRepository } from "./fleet.ts";

const found = (files: Record<string, string>) =>
  planOf(files).findings.map(({ rule, at, next }) => [rule, at?.file, next]);

const TEMPLATE = gitRepository("home-ops", "https://#{ repository }#") + flux("cluster", "./kubernetes/flux");

describe("a repository in which nothing is recognised", () => {
  test("is told to render its templates first", () => {
    const files = {
      "templates/flux/cluster.yaml.j2": TEMPLATE,
      "archive/old/ks.yaml": flux("old", "./archive/old/app"),
    };
    expect(found(files)).toEqual([
      [
        "nothing-recognised",
        "templates/flux/cluster.yaml.j2",
        "Render the templates as the repository's README says, commit the result, and run fluxlift there.",
      ],
    ]);
  });

  test("is told what there is instead", () => {
    const what = (files: Record<string, string>) => planOf(files).findings.map((finding) => finding.what);
    const none = "mention a Flux API group (toolkit.fluxcd.io, fluxcd.controlplane.io).";
    expect(what({ "a.yaml": "a: 1\n" })).toEqual([`The one file here does not ${none}`]);
    const two = { "a.yaml": "a: 1\n", "b.yaml": "b: 1\n" };
    expect(what(two)).toEqual([`None of the 2 files here ${none.replace("mention", "mentions")}`]);
    const prose = { "README.md": "# kustomize.toolkit.fluxcd.io\n", "a.yaml": "a: 1\n" };
    expect(what(prose)).toEqual(["Files mention Flux, but no root was found among the 2 files here."]);
    expect(found({ "start.sh": "# kustomize.toolkit.fluxcd.io\n" })[0]?.[2]).toContain(
      "commit both as the cluster has them",
    );
  });

  test("is told every place that may start a cluster", () => {
    const files = {
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "clusters/two/apps.yaml": flux("apps", "./apps", "GitRepository other"),
      "apps/echo/ks.yaml": flux("echo", "./apps/echo/app"),
    };
    expect(found(files).map(([rule, file]) => `${rule} ${file}`)).toEqual([
      "root-not-found clusters/one/apps.yaml",
      "cluster-left-out clusters/two/apps.yaml",
    ]);
  });

  test("is told what is missing beside what it still uses, not beside an archived file", () => {
    const files = {
      "archive/old/ks.yaml": flux("old", "./archive/old/app"),
      "archive/old/app/ks.yaml": flux("app", "./archive/old/more"),
      "clusters/one/apps.yaml": flux("apps", "./apps"),
      "apps/echo/ks.yaml": flux("echo", "./apps/echo/app"),
      "apps/echo/app/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: echo\n",
    };
    expect(found(files)).toEqual([
      [
        "root-not-found",
        "clusters/one/apps.yaml",
        "Commit the GitRepository home-ops as the cluster has it (flux export source …) beside this file, and run fluxlift again.",
      ],
    ]);
  });
});
