import { homeTree, ks, kustomization, object } from "./home-tree.ts";

/** What would run, load or mislead if it were taken for markup. `pwned` is what a script of it would set. */
export const HOSTILE = [
  "<script>pwned=1</script>",
  "</script><script>pwned=2</script>",
  "<img src=http://127.0.0.1:9/x onerror=pwned=3>",
  '" onload="pwned=4" x="',
  "' onfocus='pwned=5' autofocus '",
  "javascript:pwned=6",
  "</style><style>@import url(http://127.0.0.1:9/s)</style>",
  "<!--",
  "]]><svg onload=pwned=7>",
  "&lt;b&gt;&#60;script&#62;",
  "\u202edesrever\u202c\u2066\u200b",
] as const;

/** Values that must never be seen in a report. */
export const SECRETS = [
  "hunter2-plain",
  "aHVudGVyMi1iYXNlNjQ=",
  "AA==cipher",
  "hunter2-generated",
  "hunter2-comment",
  "hunter2-env",
] as const;

const NAME = '<img src=http://127.0.0.1:9/n onerror=pwned=8>"';

/** The small tree with markup in names, paths, comments and values, and with Secrets. */
export function hostileTree(): Record<string, string> {
  const tree = homeTree();
  const quoted = JSON.stringify(NAME);
  const comments = HOSTILE.map((text) => `# ${text}`).join("\n");
  const folder = `kubernetes/apps/games/${HOSTILE[2].replaceAll("/", "_")}`;
  tree["kubernetes/apps/games/kustomization.yaml"] = `${comments}\n${kustomization([
    "namespace.yaml",
    "chess/ks.yaml",
    JSON.stringify("<script>pwned=9<_script>.yaml"),
  ])}`;
  tree["kubernetes/apps/games/<script>pwned=9<_script>.yaml"] = ks(quoted, folder, ["targetNamespace: games"]).replace(
    `path: ./${folder}`,
    `path: ${JSON.stringify(`./${folder}`)}`,
  );
  tree[`${folder}/kustomization.yaml`] = kustomization(
    ["values.yaml", "secret.yaml"],
    [
      "secretGenerator:",
      "  - name: made",
      "    literals:",
      `      - password=${SECRETS[3]}`,
      "    envs: [settings.txt]",
    ],
  );
  tree[`${folder}/settings.txt`] = `PASSWORD=${SECRETS[5]}\n`;
  tree[`${folder}/values.yaml`] = object("ConfigMap", quoted, "v1", [
    "data:",
    ...HOSTILE.map((text, index) => `  key${index}: ${JSON.stringify(text)}`),
    '  escape: "\\e[31mred"',
  ]);
  tree[`${folder}/secret.yaml`] = object("Secret", "plain", "v1", [
    "stringData:",
    `  password: ${SECRETS[0]} # was ${SECRETS[4]}`,
    "data:",
    `  token: ${SECRETS[1]}`,
    `  sealed: ENC[AES256_GCM,data:${SECRETS[2]},type:str]`,
  ]);
  // The operator takes over the patches of the old install, comments included.
  tree["kubernetes/flux/config/flux.yaml"] += [
    "  patches:",
    ...HOSTILE.map((text) => `    # ${text}`),
    "    - patch: |",
    "        - op: add",
    "          path: /spec/template/spec/containers/0/args/-",
    `          value: ${JSON.stringify(`--label=${HOSTILE[1]}${HOSTILE[3]}`)}`,
    "      target: {kind: Deployment, name: helm-controller}",
    "",
  ].join("\n");
  tree["kubernetes/apps/flux-system/kustomization.yaml"] = `${comments}\n${kustomization(["namespace.yaml"])}`;
  tree["kubernetes/apps/flux-system/namespace.yaml"] = object("Namespace", "flux-system");
  return tree;
}

/** A change of that tree: names, values and Secrets differ, and an app goes. */
export function hostileChange(): Record<string, string | undefined> {
  const tree = hostileTree();
  const changed = Object.entries(tree)
    .filter(([path]) => path.includes("/games/"))
    .map(([path, text]) => [path, text.replaceAll("hunter2", "hunter2-changed").replaceAll("pwned", "pwned=0,pwned")]);
  return { ...Object.fromEntries(changed), "kubernetes/apps/media/namespace.yaml": undefined };
}
