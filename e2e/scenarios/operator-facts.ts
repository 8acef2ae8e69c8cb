import { spawnSync } from "node:child_process";
import { poke } from "../cluster/settle.ts";
import { condition } from "../world/kube.ts";
import { sleep } from "../world/wait.ts";
import type { World } from "../world/world.ts";
import { ageSecret, encrypt, makeAgeKey } from "./age.ts";
import { GOTK_INSTANCE, phasesAtOnce } from "./edits.ts";
import { startGotk } from "./gotk.ts";
import { fluxKustomization } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

const OWNER = "kustomize.toolkit.fluxcd.io/name";
const IGNORE = "kustomize.toolkit.fluxcd.io/ssa";

/** Adds a patch to the FluxInstance of a gotk tree; `operations` are indented by fourteen. */
function addPatch(world: World, target: string, operations: string): void {
  const patch = `        patches:\n          - patch: |\n${operations}            target:\n              kind: Deployment\n              name: ${target}\n`;
  world.repo.replace(GOTK_INSTANCE, "        patches:\n", patch);
}

/** Owner label and `ssa` mark of what the old install applied. */
async function marks(world: World): Promise<{ labelled: string[]; bare: string[]; marked: string[] }> {
  const found = { labelled: [] as string[], bare: [] as string[], marked: [] as string[] };
  for (const kind of ["ServiceAccount", "Service", "Deployment", "ClusterRoleBinding", "NetworkPolicy"]) {
    for (const { metadata } of await world.clusters[0]!.plane.kube.list(kind)) {
      if (metadata.labels?.["app.kubernetes.io/part-of"] !== "flux") continue;
      const name = `${kind} ${metadata.name}`;
      if (metadata.annotations?.[IGNORE]) found.marked.push(name);
      else if (metadata.labels?.[OWNER]) found.labelled.push(name);
      else found.bare.push(name);
    }
  }
  return found;
}

export const failingAdoption = defineScenario({
  id: "fact-failing-adoption",
  layout: "gotk",
  kind: "fact",
  what: "The instance carries a patch of an immutable field: its apply fails half way, and is then corrected.",
  async run(world) {
    await startGotk(world);
    const operations =
      "              - op: add\n                path: /spec/selector/matchLabels/extra\n                value: x\n" +
      "              - op: add\n                path: /spec/template/metadata/labels/extra\n                value: x\n";
    await world.change(
      "install with a patch of an immutable field",
      () => {
        phasesAtOnce(world, ["install"]);
        addPatch(world, "notification-controller", operations);
      },
      { expectNotReady: /FluxInstance|flux-instance/ },
    );
    const instance = await world.live("FluxInstance", "flux-system", "flux");
    const message = instance ? (condition(instance, "Ready")?.message ?? "") : "";
    const deployment = await world.live("Deployment", "flux-system", "notification-controller");
    const recreated = world.clusters[0]!.recorder.observations.some(
      ({ change, object }) => change === "deleted" && object.startsWith("Deployment"),
    );
    world.fact(
      "S2.1 item 8, immutable fields",
      "A change of an immutable field fails the FluxInstance; nothing is re-created.",
      /immutable/.test(message) && deployment !== undefined && !recreated,
      message.slice(0, 200),
    );
    const after = await marks(world);
    world.fact(
      "S2.1 item 8, a failed apply [I]",
      "A failed apply of the operator can strip owner labels without having set its marks.",
      after.bare.length > 0,
      `without labels and marks: ${after.bare.join(", ") || "none"}; with marks: ${after.marked.length}; with owner labels: ${after.labelled.length}`,
    );
    const { kube } = world.clusters[0]!.plane;
    await poke(kube, await kube.list("Kustomization", "kustomize.toolkit.fluxcd.io"));
    await sleep(8000);
    const later = await marks(world);
    const back = after.bare.filter((name) => later.labelled.includes(name));
    world.fact(
      "S2.1 item 8, labels come back [I]",
      "kustomize-controller puts its labels back at the next sync while the files are in Git.",
      after.bare.length === 0 || back.length > 0,
      after.bare.length === 0 ? "no object had lost them" : `${back.length} of ${after.bare.length} had them back`,
    );
    const findings = world.preflight("cutover");
    world.expect(
      findings.some((one) => !one.startsWith("info")),
      `preflight warns before cutover: ${findings.join("; ")}`,
    );
    await world.change("correct the instance", () => {
      const text = world.repo.read(GOTK_INSTANCE);
      world.write({
        [GOTK_INSTANCE]: text.replace(/ {10}- patch: \|\n {14}- op: add\n(?:.*\n){6}.*kind: Deployment\n.*\n/, ""),
      });
    });
    const healed = await marks(world);
    world.expect(
      healed.labelled.length + healed.bare.length === 0,
      `all are adopted in the end: ${[...healed.labelled, ...healed.bare].join(", ")}`,
    );
  },
});

export const badPatch = defineScenario({
  id: "fact-bad-patch",
  layout: "gotk",
  kind: "fact",
  what: "A patch removes a path that is not there; then the distribution artifact loses its tag.",
  generations: ["new"],
  async run(world) {
    await startGotk(world);
    await world.phase("install");
    const before = await world.live("Deployment", "flux-system", "source-controller");
    await world.change(
      "remove a path that is not there",
      () =>
        addPatch(
          world,
          "source-controller",
          "              - op: remove\n                path: /spec/template/spec/tolerations\n",
        ),
      { expectNotReady: /FluxInstance|flux-instance/ },
    );
    const instance = await world.live("FluxInstance", "flux-system", "flux");
    const ready = instance && condition(instance, "Ready");
    const after = await world.live("Deployment", "flux-system", "source-controller");
    world.fact(
      "S3, JSON6902 on a missing path [X]",
      "`remove` of a path that is not there fails the build: BuildFailed, and nothing changes in the cluster.",
      ready?.reason === "BuildFailed" && before?.metadata.generation === after?.metadata.generation,
      `${ready?.reason}: ${ready?.message.slice(0, 160)}`,
    );
    for (const [op, was] of [
      ["replace", "remove"],
      ["test", "replace"],
    ] as const) {
      await world.change(
        `${op} a path that is not there`,
        () =>
          world.repo.replace(
            GOTK_INSTANCE,
            new RegExp(`- op: ${was}(\\n.*tolerations)(\\n *value: .*)?`),
            `- op: ${op}$1\n                value: []`,
          ),
        { expectNotReady: /FluxInstance|flux-instance/ },
      );
      const failing = await world.live("FluxInstance", "flux-system", "flux");
      const says = failing && condition(failing, "Ready");
      world.fact(
        "S3, JSON6902 on a missing path [X]",
        `\`${op}\` of a path that is not there fails the build as well.`,
        says?.reason === "BuildFailed",
        `${says?.reason}: ${says?.message.slice(0, 160)}`,
      );
    }
    await world.change("correct it, and drop the tag of the artifact", () => {
      const text = world.repo.read(GOTK_INSTANCE);
      const clean = text.replace(
        / {10}- patch: \|\n {14}- op: test\n.*tolerations\n.*value: .*\n.*\n.*kind: Deployment\n.*\n/,
        "",
      );
      world.write({
        [GOTK_INSTANCE]: clean.replace(
          "      distribution:\n",
          "      distribution:\n        artifact: oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests\n",
        ),
      });
    });
    const healed = await world.live("FluxInstance", "flux-system", "flux");
    const holds =
      healed !== undefined && condition(healed, "Ready")?.status === "True" && healed.status?.lastArtifactRevision;
    world.fact(
      "S5.3, an artifact without a tag [X]",
      "`distribution.artifact` without a tag resolves `latest`.",
      Boolean(holds) && healed?.spec.distribution.artifact.endsWith("manifests"),
      `${healed?.spec.distribution.artifact}: ${healed?.status?.lastArtifactRevision ?? "no revision"}`,
    );
  },
});

export const decryptionFacts = defineScenario({
  id: "fact-decryption-lost",
  layout: "gotk",
  kind: "fact",
  what: "Two FluxKustomizations lose `decryption`: one delivers a Secret with `stringData`, the other one with `data`.",
  async run(world) {
    const key = makeAgeKey();
    const decryption = "  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n";
    const secret = (name: string, values: string) =>
      encrypt(
        world.repo.dir,
        key,
        `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: web\n${values}`,
      );
    const child = (name: string, more: string) => ({
      [`clusters/main/${name}.yaml`]: fluxKustomization({ name, path: `./${name}`, more }),
    });
    const extra = {
      ...child("texts", decryption),
      "texts/secret.sops.yaml": secret("texts", "stringData:\n  token: hidden\n"),
      ...child("codes", decryption),
      "codes/secret.sops.yaml": secret("codes", `data:\n  token: ${Buffer.from("hidden").toString("base64")}\n`),
    };
    world.repo.remove("plain.sops.yaml");
    await startGotk(world, { extra, secrets: [ageSecret(key)] });
    await world.change("drop decryption of both", () => world.write({ ...child("texts", ""), ...child("codes", "") }), {
      expectNotReady: /Kustomization/,
    });
    for (const [name, field] of [
      ["texts", "stringData"],
      ["codes", "data"],
    ] as const) {
      const live = await world.live("Kustomization", "flux-system", name);
      const ready = live && condition(live, "Ready");
      const token = (await world.live("Secret", "web", name))?.data?.token ?? "";
      const written = Buffer.from(token, "base64").toString("utf8");
      const holds =
        written === "hidden" ? "its value" : written.startsWith("ENC[") ? "the ciphertext" : "something else";
      world.fact(
        `trap 25, a Secret with \`${field}\``,
        `Without \`decryption\` an encrypted Secret with \`${field}\` is refused, and the live one keeps its value.`,
        ready?.status === "False" && written === "hidden",
        `Ready is ${ready?.status} (${ready?.message.slice(0, 120)}); the live Secret holds ${holds}`,
      );
    }
  },
});

export const flagFacts = defineScenario({
  id: "fact-repeated-flags",
  layout: "gotk",
  kind: "fact",
  what: "A controller gets the same flag twice, as ported patches may cause.",
  async run(world) {
    const patch = (value: string) =>
      `      - op: add\n        path: /spec/template/spec/containers/0/args/-\n        value: ${value}\n`;
    const patches = `patches:\n  - target:\n      kind: Deployment\n      name: kustomize-controller\n    patch: |\n${patch("--concurrent=6")}${patch("--concurrent=9")}`;
    await startGotk(world, { patches });
    const workers = [...world.logOf("kustomize-controller").matchAll(/"worker count":(\d+)/g)].at(-1)?.[1];
    world.fact(
      "S1.6, a scalar flag given twice [X]",
      "The last value of a repeated scalar flag wins.",
      workers === "9",
      `--concurrent=6 --concurrent=9 starts ${workers} workers`,
    );
    const startWith = (...gates: string[]): string => {
      const ran = spawnSync(
        world.binary("kustomize-controller"),
        gates.map((gate) => `--feature-gates=${gate}`),
        { encoding: "utf8", timeout: 15_000, env: { ...process.env, KUBECONFIG: "/nonexistent" } },
      );
      return `${ran.stdout}${ran.stderr}`;
    };
    const lineWith = (output: string, pattern: RegExp) =>
      output
        .split("\n")
        .find((line) => pattern.test(line))
        ?.replace(/"ts":"[^"]*",/, "")
        .slice(0, 200);
    const merged = startWith("NoSuchGate=true", "GroupChangeLog=true");
    world.fact(
      "S1.6, `--feature-gates` given twice [X]",
      "Repeated `--feature-gates` flags are merged, not replaced.",
      /NoSuchGate/.test(merged),
      lineWith(merged, /NoSuchGate/) ?? "the first one was not looked at",
    );
    const last = startWith("GroupChangeLog=false", "GroupChangeLog=true");
    const first = startWith("GroupChangeLog=true", "GroupChangeLog=false");
    world.fact(
      "S1.6, one gate given twice [X]",
      "The last value of a repeated gate wins.",
      /"GroupChangeLog":true/.test(last) && /"GroupChangeLog":false/.test(first),
      `false, then true: ${lineWith(last, /GroupChangeLog/) ?? "nothing"}; true, then false: ${lineWith(first, /GroupChangeLog/) ?? "nothing"}`,
    );
  },
});
