import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const APP = "kubernetes/apps/media/player/app";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const CHESS = "kubernetes/apps/games/chess";
const LISTING = `${APP}/kustomization.yaml`;
const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
const player = (...spec: string[]) => ks("player", APP, ["targetNamespace: media", ...spec]);
const FROM = "substituteFrom: [{kind: ConfigMap, name: cluster-settings}]";
const DECRYPTS = "decryption: {provider: sops, secretRef: {name: sops-age}}";
const SECRET = object("Secret", "token", "v1", [
  "  namespace: media",
  "stringData: {key: 'ENC[AES256_GCM,data:AA==,type:str]'}",
  "sops: {version: 3.9.0}",
]);
const script = (text: string) =>
  object("ConfigMap", "script", "v1", ["  namespace: media", `data: {run.sh: '${text}'}`]);
const plain: Files = {
  ...homeTree(),
  [`${CHESS}/ks.yaml`]: ks("chess", `${CHESS}/app`),
  [`${CHESS}/app/helmrelease.yaml`]: release("chess").replace("name: chess", "name: chess\n  namespace: games"),
};
const lostIn = (tree: Files, edits: Edits) => {
  const { findings, safety } = judge(tree, edits);
  const lost = findings.filter(({ rule }) => rule === "setting-lost");
  return { lost, said: lost.map(({ what }) => what).join("\n"), verdict: safety.verdict };
};
const withScript = (text: string): Files => ({
  ...plain,
  [LISTING]: kustomization(["helmrelease.yaml", "script.yaml"]),
  [`${APP}/script.yaml`]: script(text),
});

describe("variables", () => {
  test("that a slip makes of one that is set are empty afterwards, whatever else may set some", () => {
    const maybe = player(
      "postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}, {kind: Secret, name: far, optional: true}]}",
    );
    const tree: Files = {
      ...withScript("echo ${TIMEZONE}"),
      [SETTINGS]: object("ConfigMap", "cluster-settings", "v1", ["  namespace: flux-system", "data: {TIMEZONE: UTC}"]),
      [PLAYER]: maybe,
    };
    const later = (text: string) => lostIn(tree, { [`${APP}/script.yaml`]: script(text) });
    expect(later("echo ${TIMEZON}")).toMatchObject({ verdict: "unsafe" });
    expect(later("echo ${TIMEZON}").said).toContain("${TIMEZON}");
    for (const text of ["echo ${TIMEZON:-UTC}", "echo ${TIMEZONE} ${TIMEZON}", "echo ${TIMEZONE2}", "echo ${OTHER}"])
      expect(later(text).said, text).toBe("");
  });

  describe("of a text that was left as it is written, where a Secret that nobody can see may set them", () => {
    const off = "  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}";
    const marked = (text: string) =>
      object("ConfigMap", "script", "v1", ["  namespace: media", off, `data: {run.sh: '${text}'}`]);
    const maybe = player(
      "postBuild: {substituteFrom: [{kind: Secret, name: far, optional: true}], substitute: {HOST: a}}",
    );
    const ask = (tree: Files, edits: Edits) => {
      const { findings, safety } = judge(tree, edits);
      return [safety.verdict, ...findings.filter(({ rule }) => rule === "safety-unknown").map(({ what }) => what)].join(
        ": ",
      );
    };
    const fillsIn = /^unproven: Kustomization flux-system\/player fills in \$\{IS_UPGRADE\} in .*script\.yaml/;
    const text = "echo ${IS_UPGRADE} ${HOST} ${DAY:-1}";
    const left: Files = { ...withScript(text), [PLAYER]: maybe, [`${APP}/script.yaml`]: marked(text) };

    test("its mark goes", () => {
      expect(ask(left, { [`${APP}/script.yaml`]: script(text) })).toMatch(fillsIn);
    });

    test("its FluxKustomization begins to substitute", () => {
      const tree: Files = { ...withScript(text), [PLAYER]: player(), [`${APP}/helmrelease.yaml`]: release("player") };
      expect(ask(tree, { [PLAYER]: maybe })).toMatch(fillsIn);
    });

    test.each<[string, Files, Edits]>([
      ["it keeps its mark", left, { [`${APP}/script.yaml`]: marked(`${text} `) }],
      ["it uses what is set", left, { [`${APP}/script.yaml`]: script("echo ${HOST}") }],
      ["the variable is new there", left, { [`${APP}/script.yaml`]: script("echo ${OTHER}") }],
      [
        "others use the variable",
        { ...left, "kubernetes/apps/games/notes.txt": "${IS_UPGRADE}" },
        { [`${APP}/script.yaml`]: script(text) },
      ],
      [
        "another file of it is filled in with that",
        { ...left, [`${APP}/helmrelease.yaml`]: release("player", ["values: {a: '${IS_UPGRADE}'}"]) },
        { [`${APP}/script.yaml`]: script(text) },
      ],
    ])("says nothing where %s", (_, tree, edits) => {
      expect(ask(tree, edits)).toBe("safe");
    });
  });

  test("whose key leaves postBuild are empty afterwards", () => {
    const tree: Files = {
      ...withScript("echo ${HOST}"),
      [PLAYER]: player("postBuild: {substitute: {HOST: a, PORT: b}}"),
    };
    const { lost, verdict } = lostIn(tree, { [PLAYER]: player("postBuild: {substitute: {PORT: b}}") });
    expect(verdict).toBe("unsafe");
    expect(lost[0]!.what).toContain(
      "Kustomization flux-system/player loses the value of ${HOST}: Flux puts nothing in its place",
    );
    expect(lost[0]!.at).toMatchObject({ file: `${APP}/script.yaml`, line: 7 });
  });

  test("whose key leaves the ConfigMap that Flux takes them from are as well, once for all who use it", () => {
    const tree: Files = {
      ...withScript("echo ${DOMAIN}"),
      [PLAYER]: player(`postBuild: {${FROM}}`),
      [`${CHESS}/ks.yaml`]: ks("chess", `${CHESS}/app`, [`postBuild: {${FROM}}`]),
    };
    const { lost } = lostIn(tree, { [SETTINGS]: tree[SETTINGS]!.replace("DOMAIN", "ZONE") });
    expect(lost.map(({ resource }) => resource)).toContain("Kustomization flux-system/player");
    expect(lost.map(({ resource }) => resource)).not.toContain("Kustomization flux-system/chess");
  });

  test("of a shell are emptied where a Kustomization begins to substitute", () => {
    const { said, verdict } = lostIn(withScript("echo ${RANDOM_ID} ${DOMAIN}"), {
      [PLAYER]: player(`postBuild: {${FROM}}`),
    });
    expect(verdict).toBe("unsafe");
    expect(said).toContain("begins to substitute variables, and nothing sets ${RANDOM_ID}: Flux empties it");
    expect(said).not.toContain("DOMAIN");
  });

  test("are applied as written where postBuild goes, or where their file moves to a Kustomization without it", () => {
    const tree: Files = { ...withScript("echo ${HOST}"), [PLAYER]: player("postBuild: {substitute: {HOST: a}}") };
    expect(lostIn(tree, { [PLAYER]: player() }).said).toContain("loses spec.postBuild");
    const moved = lostIn(tree, {
      [LISTING]: kustomization(["helmrelease.yaml"]),
      [`${APP}/script.yaml`]: undefined,
      [`${CHESS}/app/script.yaml`]: tree[`${APP}/script.yaml`]!,
      [`${CHESS}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "script.yaml"]),
    });
    expect(moved.said).toContain("Kustomization flux-system/chess gets a file with variables and no spec.postBuild");
  });

  test.each<[string, Files, Edits]>([
    [
      "a key that no file uses",
      { ...plain, [PLAYER]: player("postBuild: {substitute: {HOST: a, PORT: b}}") },
      { [PLAYER]: player("postBuild: {substitute: {PORT: b}}") },
    ],
    [
      "a key that has a default where it is used",
      { ...withScript("echo ${HOST:-here}"), [PLAYER]: player("postBuild: {substitute: {HOST: a, PORT: b}}") },
      { [PLAYER]: player("postBuild: {substitute: {PORT: b}}") },
    ],
    [
      "a key that moves to the ConfigMap",
      { ...withScript("${HOST}"), [PLAYER]: player(`postBuild: {substitute: {HOST: a}, ${FROM}}`) },
      {
        [PLAYER]: player(`postBuild: {${FROM}}`),
        [SETTINGS]: homeTree()[SETTINGS]!.replace("data: {", "data: {HOST: a, "),
      },
    ],
    [
      "another value",
      { ...withScript("${HOST}"), [PLAYER]: player("postBuild: {substitute: {HOST: a}}") },
      { [PLAYER]: player("postBuild: {substitute: {HOST: b}}") },
    ],
    [
      "a key more",
      { ...withScript("${HOST}"), [PLAYER]: player("postBuild: {substitute: {HOST: a}}") },
      { [PLAYER]: player("postBuild: {substitute: {HOST: a, NEW: b}}") },
    ],
    [
      "a first postBuild for a variable that it sets",
      withScript("${DOMAIN}"),
      { [PLAYER]: player(`postBuild: {${FROM}}`) },
    ],
    ["a script that escapes its variables", withScript("$${RANDOM_ID}"), { [PLAYER]: player(`postBuild: {${FROM}}`) }],
    [
      "a new script in a Kustomization that never substituted",
      plain,
      {
        [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "script.yaml"]),
        [`${APP}/script.yaml`]: script("${RANDOM_ID}"),
      },
    ],
  ])("draw no word: %s", (_, tree, edits) => {
    const { lost, verdict } = lostIn(tree, edits);
    expect([lost, verdict]).toEqual([[], "safe"]);
  });
});

describe("encrypted files", () => {
  const added = {
    [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "secret.yaml"]),
    [`${APP}/secret.yaml`]: SECRET,
  };

  test("that are new below a Kustomization without decryption are written as ciphertext", () => {
    const { said, verdict } = lostIn(plain, added);
    expect(verdict).toBe("unsafe");
    expect(said).toContain("Kustomization flux-system/player gets an encrypted file and no spec.decryption");
  });

  test("that move to one are as well", () => {
    const tree = { ...plain, ...added, [PLAYER]: player(DECRYPTS) };
    const { said } = lostIn(tree, {
      [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
      [`${APP}/secret.yaml`]: undefined,
      [`${CHESS}/app/secret.yaml`]: SECRET,
      [`${CHESS}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "secret.yaml"]),
    });
    expect(said).toContain("Kustomization flux-system/chess gets an encrypted file and no spec.decryption");
  });

  test("draw no word where it is set, or where that was so before", () => {
    expect(lostIn({ ...plain, [PLAYER]: player(DECRYPTS) }, added).lost).toEqual([]);
    const tree = { ...plain, ...added };
    expect(lostIn(tree, { [`${APP}/secret.yaml`]: SECRET.replace("AA==", "BB==") }).lost).toEqual([]);
  });

  test("cannot be decrypted where a value is moved to another key by hand", () => {
    const tree = { ...plain, ...added, [PLAYER]: player(DECRYPTS) };
    const { blockers, findings } = judge(tree, { [`${APP}/secret.yaml`]: SECRET.replace("{key:", "{token:") });
    expect(blockers).toEqual(["build-breaks"]);
    expect(findings[0]!.what).toContain("Secret media/token has an encrypted value at stringData.token");
    const anew = SECRET.replace("{key:", "{token:").replace("AA==", "BB==");
    expect(judge(tree, { [`${APP}/secret.yaml`]: anew }).blockers).toEqual([]);
  });

  test("are applied as ciphertext without their sops block", () => {
    const tree = { ...plain, ...added, [PLAYER]: player(DECRYPTS) };
    const { lost } = lostIn(tree, { [`${APP}/secret.yaml`]: SECRET.replace("sops: {version: 3.9.0}\n", "") });
    expect(lost.map(({ what }) => what)).toEqual([
      "Secret media/token holds encrypted values at stringData.key and no sops block: Flux applies the ciphertext as it stands.",
    ]);
    const decrypted = SECRET.replace("sops: {version: 3.9.0}\n", "").replace(/ENC\[.*?\]/, "plain");
    expect(lostIn(tree, { [`${APP}/secret.yaml`]: decrypted }).lost).toEqual([]);
  });

  const REGEX = SECRET.replace("version: 3.9.0", "version: 3.9.0, encrypted_regex: ^(data|stringData)$");
  const later = (text: string, from = REGEX, spec = DECRYPTS) => {
    const tree = { ...plain, ...added, [PLAYER]: player(spec), [`${APP}/secret.yaml`]: from };
    const { findings, blockers, safety } = judge(tree, { [`${APP}/secret.yaml`]: text });
    return { blockers, verdict: safety.verdict, findings, said: findings.map(({ rule }) => rule) };
  };

  test("are named where they come in the clear, without what they hold", () => {
    const clear = SECRET.replace("sops: {version: 3.9.0}\n", "").replace(/ENC\[.*?\]/, "hunter2");
    for (const text of [clear, clear.replace("stringData: {key", "data: {key").replace("hunter2", "aHVudGVyMg==")]) {
      const { findings, said, verdict } = later(text, SECRET);
      expect([said, verdict]).toEqual([["secret-in-clear"], "safe"]);
      expect(findings[0]!.at).toMatchObject({ file: `${APP}/secret.yaml`, line: 7 });
      expect(JSON.stringify(findings)).not.toMatch(/hunter2|aHVudGVyMg/);
    }
    expect(later(clear.replace("hunter2", "${TOKEN}"), SECRET).said).toEqual([]);
    expect(later(clear.replace("hunter3", "a"), clear).said).toEqual([]);
  });

  test("cannot be decrypted with a value in the clear among the others", () => {
    const more = (value: string) => REGEX.replace("stringData: {", `stringData: {own: ${value}, `);
    const { blockers, findings } = later(more("hunter2"));
    expect(blockers).toEqual(["build-breaks"]);
    expect(findings[0]!.what).toContain("Secret media/token has a value at stringData.own in the clear");
    expect(JSON.stringify(findings)).not.toContain("hunter2");
    expect(later(more("80")).blockers).toEqual(["build-breaks"]);
    for (const value of ["''", "", "'ENC[AES256_GCM,data:BB==,type:str]'"])
      expect(later(more(value)).blockers).toEqual([]);
  });

  test("hold what their sops block leaves out, or what they held before", () => {
    const more = REGEX.replace("stringData: {", "stringData: {own: hunter2, ");
    expect(later(more.replace("sops:", "type: Opaque\nsops:"), more).blockers).toEqual([]);
    expect(later(REGEX.replace("sops:", "type: Opaque\nsops:")).blockers).toEqual([]);
    expect(later(more.replace("encrypted_regex", "unencrypted_regex")).blockers).toEqual([]);
    expect(
      later(more.replace("metadata:", "metadata:\n  annotations: {kustomize.toolkit.fluxcd.io/decrypt: disabled}"))
        .blockers,
    ).toEqual([]);
    const suffix = SECRET.replace("version: 3.9.0", "version: 3.9.0, encrypted_suffix: Data");
    expect(later(suffix.replace("stringData: {", "stringData: {own: a, "), suffix).blockers).toEqual(["build-breaks"]);
    // A pattern that backtracks has no end.
    const endless = REGEX.replace("^(data|stringData)$", "^(a|a)+$").replace(
      "stringData: {",
      `${"a".repeat(60)}b: 1\nstringData: {`,
    );
    expect(later(endless.replace("sops:", "type: Opaque\nsops:"), endless).blockers).toEqual([]);
  });
});

describe("a file that comes to use a variable", () => {
  const tree: Files = { ...withScript("echo ${DOMAIN}"), [PLAYER]: player(`postBuild: {${FROM}}`) };
  const says = (text: string, before = tree) => lostIn(before, { [`${APP}/script.yaml`]: script(text) }).said;

  test("that nothing sets gets nothing for it", () => {
    expect(says("echo ${DOMIAN}")).toContain("gets a file that uses ${DOMIAN}, and nothing sets it");
  });

  test.each([
    ["has a default", "${OTHER:-a}"],
    ["is escaped", "$${OTHER}"],
    ["is set", "${DOMAIN}/a"],
  ])("that %s draws no word", (_, text) => {
    expect(says(text)).toBe("");
  });

  test("whose values nobody can see here draws no word, nor does one that was so before", () => {
    const hidden = { ...tree, [PLAYER]: player(`postBuild: {${FROM.replace("cluster-settings", "made-elsewhere")}}`) };
    expect(says("${OTHER}", hidden)).toBe("");
    const old = { ...tree, [`${APP}/script.yaml`]: script("${OTHER}") };
    expect(says("more ${OTHER}", old)).toBe("");
  });

  test("is left alone with what the kustomization annotates that generates it", () => {
    const generated = (mark: string) =>
      kustomization(
        ["helmrelease.yaml"],
        [
          `configMapGenerator: [{name: run, files: [run.sh], options: {annotations: {kustomize.toolkit.fluxcd.io/substitute: ${mark}}}}]`,
        ],
      );
    const before = { ...tree, [LISTING]: generated("disabled"), [`${APP}/run.sh`]: "echo ${DOMAIN}\n" };
    for (const mark of ["disabled", "!!str disabled", "&off 'disabled'", " disabled"]) {
      const off = { ...before, [LISTING]: generated(mark) };
      expect(lostIn(off, { [`${APP}/run.sh`]: "echo ${DOMAIN} ${HOME}\n" }).said, mark).toBe("");
    }
    expect(lostIn(before, { [LISTING]: generated("enabled"), [`${APP}/run.sh`]: "echo ${HOME}\n" }).said).toContain(
      "uses ${HOME}, and nothing sets it",
    );
    const filled = { ...before, [LISTING]: generated("enabled") };
    expect(lostIn(filled, { [LISTING]: generated("disabled") }).said).toContain("leaves ${DOMAIN} as it is written");
  });
});

describe("a patch whose target is edited", () => {
  const patch = `patch: '[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]'`;
  const listed = (target: string) => kustomization(["helmrelease.yaml"], [`patches: [{${patch}, target: ${target}}]`]);
  const tree: Files = { ...plain, [LISTING]: listed("{kind: HelmRelease}") };

  test("so that nothing matches it is left out without a word, which is said", () => {
    const { lost, verdict } = lostIn(tree, { [LISTING]: listed("{kind: HelmReleese}") });
    expect(verdict).toBe("unsafe");
    expect(lost[0]!.what).toContain('its target becomes {"kind":"HelmReleese"}, which matches nothing');
    expect(lost[0]!.at!.file).toBe(LISTING);
    const inSpec = (name: string) => player(`patches: [{${patch}, target: {kind: HelmRelease, name: ${name}}}]`);
    expect(lostIn({ ...plain, [PLAYER]: inSpec("player") }, { [PLAYER]: inSpec("playr") }).lost).toHaveLength(1);
  });

  test("is told of a release of Flux, which no file here holds", () => {
    const FLUX = "kubernetes/flux/config/flux.yaml";
    const patched = (target: string) =>
      homeTree()[FLUX]!.replace("wait: true", `patches: [{${patch}, target: ${target}}]`);
    const of = (from: string, to: string) => lostIn({ ...homeTree(), [FLUX]: patched(from) }, { [FLUX]: patched(to) });
    const { lost, verdict } = of(
      "{kind: Deployment, name: source-controller}",
      "{kind: Deployment, name: source-controler}",
    );
    expect([verdict, lost.map(({ resource }) => resource)]).toEqual(["unsafe", ["Kustomization flux-system/flux"]]);
    expect(of("{kind: Deployment}", "{name: '.*-controller'}").lost).toEqual([]);
    expect(of("{name: source-controler}", "{name: source-controllr}").lost).toEqual([]);
    // Of these no more than the name is known.
    for (const kind of ["name: helmreleases.helm.toolkit.fluxcd.io", "labelSelector: app.kubernetes.io/part-of=flux"])
      expect(of("{kind: Deployment}", `{kind: CustomResourceDefinition, ${kind}}`).lost).toEqual([]);
    expect(of("{kind: Deployment}", "{kind: CustomResourceDefinition, name: helmrelease}").lost).toHaveLength(1);
    // Once the operator owns it, the copy in Git is left out whatever its patches are for.
    const INSTANCE = "kubernetes/flux/instance.yaml";
    const owned = {
      ...homeTree(),
      [INSTANCE]: operatorTree()["kubernetes/flux/config/instance.yaml"]!.replace("sync: {", "sync: {name: cluster, "),
    };
    const [right, wrong] = ["{name: helm-controller}", "{name: helm-controler}"].map(patched);
    expect(lostIn({ ...owned, [FLUX]: right! }, { [FLUX]: wrong! }).lost).toEqual([]);
  });

  test("is told apart from others that say the same", () => {
    const both = (...targets: string[]) =>
      kustomization(
        ["helmrelease.yaml", "pvc.yaml"],
        [`patches: [${targets.map((target) => `{${patch}, target: ${target}}`).join(", ")}]`],
      );
    const before = { ...plain, [LISTING]: both("{kind: HelmRelease}", "{kind: PersistentVolumeClaim}") };
    const after = both("{kind: HelmRelease}", "{kind: PersistentVolumeClaims}");
    const { lost } = lostIn(before, { [LISTING]: after });
    expect(lost.map(({ what }) => what)).toEqual([
      expect.stringContaining('its target becomes {"kind":"PersistentVolumeClaims"}, which matches nothing'),
    ]);
    // One more of the same takes nothing away from the others.
    const more = both("{kind: HelmRelease}", "{kind: Job}", "{kind: PersistentVolumeClaim}");
    expect(lostIn(before, { [LISTING]: more }).lost).toEqual([]);
  });

  test("is told as well where the patch names the object, too, and is edited with it", () => {
    const body = (name: string) =>
      `{patch: '{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: ${name}, labels: {a: b}}}', target: {kind: HelmRelease, name: ${name}}}`;
    const named = (...names: string[]) =>
      kustomization(["helmrelease.yaml"], [`patches: [${names.map(body).join(", ")}]`]);
    const before = { ...plain, [LISTING]: named("player") };
    const { lost, verdict } = lostIn(before, { [LISTING]: named("playr") });
    expect(verdict).toBe("unsafe");
    expect(lost[0]!.what).toContain('its target becomes {"kind":"HelmRelease","name":"playr"}, which matches nothing');
    expect(lostIn(before, { [LISTING]: named("player", "other") }).lost).toEqual([]);
    expect(lostIn({ ...plain, [LISTING]: named("other") }, { [LISTING]: named("others") }).lost).toEqual([]);
  });

  test("draws no word where it matches still, matched nothing before, or loses its object", () => {
    expect(lostIn(tree, { [LISTING]: listed("{kind: HelmRelease, name: player}") }).lost).toEqual([]);
    const idle = { ...tree, [LISTING]: listed("{kind: Job}") };
    expect(lostIn(idle, { [LISTING]: listed("{kind: CronJob}") }).lost).toEqual([]);
    const gone = listed("{kind: HelmRelease}").replace("helmrelease.yaml", "pvc.yaml");
    expect(lostIn(tree, { [LISTING]: gone }).lost).toEqual([]);
  });
});

describe("a file that Git LFS takes over", () => {
  const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 3\n`;
  const generates = (kind: string, text: string, more = ""): Files => ({
    ...plain,
    [LISTING]: kustomization(["helmrelease.yaml"], [`${kind}: [{name: made, files: [a.conf]${more}}]`]),
    [`${APP}/a.conf`]: text,
  });
  const change = { [`${APP}/a.conf`]: POINTER };

  test.each(["configMapGenerator", "secretGenerator"])("is a pointer to %s", (kind) => {
    const { lost, verdict } = lostIn(generates(kind, "a=b\n"), change);
    expect(verdict).toBe("unsafe");
    expect(lost[0]!.what).toContain("gets a pointer of Git LFS as its value at data.a.conf");
  });

  test("and was one before is no change, whatever its hash", () => {
    const edits = {
      [LISTING]: kustomization(
        ["helmrelease.yaml"],
        ["configMapGenerator: [{name: made, files: [a.conf], literals: [C=d]}]"],
      ),
    };
    expect(lostIn(generates("configMapGenerator", POINTER), edits).lost).toEqual([]);
  });

  test("may be whole in an artifact", () => {
    const inArtifact = (tree: Files): Files =>
      Object.fromEntries(
        Object.entries(tree).map(([path, text]) => [
          path,
          text
            .replaceAll("GitRepository", "OCIRepository")
            .replace("https://git.example.invalid/me/home.git", "oci://ghcr.io/me/home")
            .replace("{branch: main}", "{tag: latest}"),
        ]),
      );
    const { lost, verdict } = lostIn(inArtifact(generates("configMapGenerator", "a=b\n")), change);
    expect([verdict, lost]).toEqual(["safe", []]);
  });
});
