/** What somebody may write into a file so that reading it takes long, by what reads the file. */
export interface Attack {
  /** What reads it, as a heading of the table. */
  scanner: string;
  /** The piece that is repeated, or what is made of pieces, in words. */
  name: string;
  path: string;
  /** The file, of about so many characters. */
  make(size: number): string;
}

/** Words that every search for files looks for, so that each of them is read by all that could read it. */
const HEAD =
  "flux bootstrap toolkit.fluxcd.io flux-system kubernetes/flux/config ghcr.io/fluxcd/flux-manifests push artifact gotk-components";

const fill = (piece: string, size: number) => piece.repeat(Math.ceil(size / piece.length));
const indent = (text: string, lead: string) => text.replace(/^/gm, lead);

interface Kind {
  path: string;
  wrap(body: string): string;
}

const hash = (path: string, lead = ""): Kind => ({ path, wrap: (body) => `# ${HEAD}\n${lead}${body}\n` });
const slashes = (path: string, lead: string): Kind => ({ path, wrap: (body) => `// ${HEAD}\n${lead}${body}\n` });

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hostile\n  namespace: default\n";
/** Delivered to the cluster, with variables replaced; `examples/home-ops` with one entry more. */
export const DELIVERED = "kubernetes/apps/default/echo/app/hostile.yaml";
const PROGRAM = 'const a = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", x: ';

const KINDS: Record<string, Kind> = {
  shell: hash("scripts/hostile.sh"),
  Taskfile: {
    path: ".taskfiles/hostile/Taskfile.yaml",
    wrap: (body) => `# ${HEAD}\nversion: "3"\ntasks:\n  a:\n    cmds:\n      - |\n${indent(body, "        ")}\n`,
  },
  justfile: hash("justfile", "a := '1'\nb:\n  "),
  Makefile: hash("Makefile", "a:\n\t"),
  mise: hash(".mise.toml", "[tasks.a]\nrun = "),
  workflow: {
    path: ".github/workflows/hostile.yaml",
    wrap: (body) => `# ${HEAD}\njobs:\n  a:\n    steps:\n      - run: |\n${indent(body, "          ")}\n`,
  },
  Terraform: hash("main.tf", 'resource "flux_bootstrap_git" "this" {\n  path = '),
  JSON5: slashes(".renovate/hostile.json5", "{ packageRules: [{ matchPackageNames: ["),
  Markdown: hash("docs/hostile.md"),
  TypeScript: slashes("hostile.ts", PROGRAM),
  ".sops.yaml": hash(".sops.yaml", "creation_rules:\n"),
  ".sourceignore": hash(".sourceignore"),
  helmfile: hash("kubernetes/bootstrap/helmfile.yaml"),
  template: hash("templates/hostile.yaml.j2"),
  unit: hash("hosts/hostile.service", "[Service]\nExecStart=flux install\n"),
  playbook: hash("ansible/hostile.yaml", "- hosts: all\n  tasks:\n"),
  NixOS: hash("hosts/hostile.nix", "systemd.services.a = flux install\n"),
  Fleet: hash("hostile/fleet.yaml", "# flux2\nhelm:\n"),
  "YAML, delivered": { path: DELIVERED, wrap: (body) => `${CONFIG_MAP}data:\n  a: ${body}\n` },
  substitution: { path: DELIVERED, wrap: (body) => `${CONFIG_MAP}data:\n  a: |\n${indent(body, "    ")}\n` },
  "YAML, anywhere": hash("other/hostile.yaml"),
};

const PIECES: Record<string, readonly string[]> = {
  shell: [
    ...["flux --a b ", "flux --a ", "--namespace ", '"', "$(flux ", "${", "<<EOF\n", "cd a/b\n", "\n", " \n", " "],
    ...["flux install\n", "flux install --export ", "kubectl apply -k kubernetes/flux/config\n", "flux-system ", "://"],
    ...["flux reconcile source git -n ", "flux reconcile ks flux-system\n", "a=$b\n", "for a in $a/flux/config\n"],
  ],
  Taskfile: [
    "{{",
    "{{.a}}/",
    "kubernetes/bootstrap/flux ",
    "a: '{{.b}}'\n",
    "test -f kubernetes/flux/config/flux.yaml\n",
  ],
  justfile: ["a := b + c / d\n", "a + ", "{{", "'"],
  Makefile: ["$(", "$(a)/", "a = $(b)\n", "\\\n"],
  mise: ["{{", '["', "run = \n"],
  workflow: [
    "${{",
    "flux push artifact oci://a/b --path=./x \\\n",
    "flux push artifact ",
    "working-directory: a\n",
    "\n",
  ],
  Terraform: ["${", "{", 'resource "flux_bootstrap_git" "a" {\n', "[", "components = [\n"],
  JSON5: [
    "{",
    "matchPackageNames: [",
    '"flux-manifests",\n',
    "ignorePaths: [",
    "[",
    "'**/*',",
    "matchDatasources: [\n",
    "flux: { fileMatch: [\n",
  ],
  Markdown: [
    "[a](",
    "](",
    "`",
    "```\n",
    "git/flux-system ",
    "GitRepository ",
    "| flux-system ",
    "<!--",
    "flux-manifests\n",
  ],
  TypeScript: ["(", "{ a: ", "[", "`${", "() => ", "a ? b : ", "!", "new GitRepository(", "a.", "a + ", "{ kind: "],
  ".sourceignore": ["*a", "**/", "a*\n", "[", "[a]", "!", "\\", "/*\n"],
  helmfile: ["\n", " ", "{{", "postRenderer", "chart: a\n", "- name: a\n", "#"],
  template: ["{{ ", "{% ", "#{ ", "fluxcd/flux2/manifests/install\n"],
  unit: ["flux install\n", "* * * * * flux install\n", "* ", "\n", "flux -a "],
  playbook: [
    "resources:\n-\r",
    "cron:\n",
    "argv:\n- flux\n- install\n",
    '"flux", "install", ',
    '"flux",\n',
    "- \n",
    "\n \n",
  ],
  NixOS: ["a = flux install\n", "systemd = flux install\n", "${a}\n", "mkShell a\n", "fluxcd} "],
  Fleet: ["helm:\n", "  chart:\n", " \n", "\n", " \r\n"],
  "YAML, delivered": ["[", ",[", "{", "{a: ", "[{", "- ", "? ", "'", '"', "a: ", "&a ", "!a ", "*a", "\\"],
  substitution: ["${a:=", "${a", "${SECRET_DOMAIN}", "${a:-${b}}", "$", "${a/b/", "${a%%*", "${a:", "$$"],
  "YAML, anywhere": [
    "---\n",
    "- - ",
    "- ",
    "a:\n",
    "? ",
    "- &a [*a]\n",
    "<<: *a\n",
    "[",
    "{",
    "# a\n",
    "%",
    "a: |\n",
    "\r",
  ],
};

/** Constants that stand for each other twice, sixteen levels to the power of two. */
function doublingConstants(size: number): string {
  const lines = Array.from({ length: Math.ceil(size / 40) }, (_, i) => `const c${i + 1} = { a: c${i}, b: c${i} };`);
  return `"x" };\nconst c0 = { kind: "GitRepository" };\n${lines.join("\n")}\nconst z = { ...c${lines.length}`;
}

/** Aliases of aliases: every line doubles what all before it hold. */
function aliasBomb(size: number): string {
  const lines = Array.from({ length: Math.ceil(size / 24) }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
  return ["a0: &a0 flux", ...lines].join("\n");
}

function chain(size: number, line: (index: number) => string): string {
  return Array.from({ length: Math.ceil(size / line(99_999).length) }, (_, index) => line(index)).join("\n");
}

const ATTACKS: readonly [scanner: string, name: string, make: (size: number) => string][] = [
  ["TypeScript", "constants that stand for others twice", doublingConstants],
  ["YAML, anywhere", "aliases of aliases", aliasBomb],
  [
    "YAML, anywhere",
    "merges of merges",
    (size) => `a0: &a0 {}\n${chain(size, (i) => `a${i + 1}: &a${i + 1}\n  <<: [*a${i}, *a${i}]`)}`,
  ],
  [
    "shell",
    "variables that lead to others",
    (size) => `${chain(size, (i) => `A${i}=$A${i + 1}$A${i + 1}`)}\nkubectl apply -k $A0/config`,
  ],
  [
    "shell",
    "variables that each hold the name of the source",
    (size) => chain(size, (i) => `v${i}=home-ops\nflux reconcile source git $v${i}`),
  ],
  ["shell", "changes of folder, each to another", (size) => chain(size, (i) => `cd f${i}`)],
  ["YAML, delivered", "a line of its own", (size) => "x".repeat(size)],
  ["YAML, delivered", "keys", (size) => `b\n${chain(size, (i) => `  k${i}: v`)}`],
  [".sops.yaml", "rules", (size) => fill("- age: \n   \t", size)],
  [".sourceignore", "patterns", (size) => chain(size, (i) => `*a*b*c${i}`)],
];

export function listAttacks(): Attack[] {
  const repeated = Object.entries(PIECES).flatMap(([scanner, pieces]) =>
    pieces.map((piece) => ({ scanner, name: JSON.stringify(piece), body: (size: number) => fill(piece, size) })),
  );
  const others = ATTACKS.map(([scanner, name, body]) => ({ scanner, name, body }));
  return [...repeated, ...others].map(({ scanner, name, body }) => {
    const { path, wrap } = KINDS[scanner]!;
    return { scanner, name, path, make: (size) => wrap(body(size)) };
  });
}
