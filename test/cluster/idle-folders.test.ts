import { expect, test } from "vitest";
import { planOf } from "../traps/support.ts";
import { flux, gitRepository, list } from "./fleet.ts";

test("a folder for a source that is not here is named, beside the sources that are", () => {
  const files = {
    "flux/root.yaml": gitRepository("home", "https://github.com/example/home") + flux("cluster", "./flux"),
    "flux/kustomization.yaml": list("./root.yaml"),
  };
  const idle = (artifactPath: string) =>
    planOf(files, { artifactPath }).findings.flatMap(({ rule, level, what, next }) =>
      rule === "artifact-path-idle" ? [[level, what, next]] : [],
    );
  expect(idle("hmoe=kubernetes,home=flux")).toEqual([
    [
      "caution",
      "--artifact-path says a folder of hmoe, and no source here bears that name.",
      "Write the name that the source has now; those here are home.",
    ],
  ]);
  expect(idle("home=flux")).toEqual([]);
  expect(idle("kubernetes")).toEqual([]);
});

test("what bootstrap would be told is idle where all folders are filled in, said with the first phase alone", () => {
  const files = {
    "flux/root.yaml": gitRepository("home", "https://github.com/example/home") + flux("cluster", "./flux"),
    "flux/kustomization.yaml": list("./root.yaml"),
  };
  const idle = (options: Parameters<typeof planOf>[1]) =>
    planOf(files, options).findings.flatMap(({ rule, what }) => (rule === "bootstrap-flag-idle" ? [what] : []));
  expect(idle({ bootstrap: { branch: "next", secretName: "key" } })).toEqual([
    "--branch, --secret-name count for nothing: no folder that they are for is left for flux bootstrap to fill in.",
  ]);
  expect(idle({})).toEqual([]);
  expect(idle({ bootstrap: { branch: "next" }, phase: "cutover" })).toEqual([]);
});
