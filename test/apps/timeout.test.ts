import { expect, test } from "vitest";
import { homeOps, run } from "../traps/support.ts";

/** Timeouts of the two apps where the owner gives this one to the others. */
function timeouts(usual: string): (string | undefined)[] {
  const files = Object.entries(homeOps()).map(([path, text]) => {
    return [path, path.includes("/apps/") ? text.replace(/^ {2}interval: /m, `  timeout: ${usual}\n$&`) : text];
  });
  const done = run(Object.fromEntries(files));
  return ["flux-operator", "flux-instance"].map((app) => {
    const [, text = ""] = Object.entries(done.files).find(([path]) => path.endsWith(`/${app}/ks.yaml`))!;
    return /^ {2}timeout: (.*)$/m.exec(text)?.[1];
  });
}

test("what waits for the operator gets the owner's timeout, unless its image takes longer than that", () => {
  expect(timeouts("15m")).toEqual(["15m", "15m"]);
  expect(timeouts("2m")).toEqual(["2m", "2m"]);
  expect(timeouts("1m30s")).toEqual(["5m", "1m30s"]);
  expect(timeouts("30s")).toEqual(["5m", "30s"]);
});
