import { expect, test } from "vitest";
import { fillIn } from "../../src/delivery/kustomize/index.ts";

const spec = (path: string) => ({ spec: { path } });

test("values that use each other are filled in, in whatever order they stand", () => {
  const substitute = { WHERE: "${ENV}/${NAME}", ENV: "prod", NAME: "a" };
  expect(fillIn(spec("./clusters/${WHERE}"), { substitute })).toEqual(spec("./clusters/prod/a"));
});

test("line ends in a value are left out, as Flux does", () => {
  expect(fillIn(spec("./${DIR}"), { substitute: { DIR: "clu\nster\n" } })).toEqual(spec("./cluster"));
});

test("values that grow by doubling are not known, and take no memory", () => {
  const doubling = Array.from({ length: 60 }, (_, i) => [`V${i + 1}`, `\${V${i}}\${V${i}}`] as const);
  const substitute = { V0: "lol", ...Object.fromEntries(doubling) };
  expect(fillIn(spec("./${V60}"), { substitute })).toBeUndefined();
});
