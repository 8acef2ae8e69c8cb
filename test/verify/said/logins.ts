import { operatorTree } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { type Cases, type Row, rows, UNSEEN } from "./said.ts";

const spec = (lines: readonly string[]) => ["spec:", "  interval: 1h", ...lines.map((line) => `  ${line}`)];
const source = (kind: string, name: string, was: string[] | undefined, is: string[]): Row => [
  name,
  kind,
  was && spec(was),
  spec(is),
];
const git = (name: string, was: string[] | undefined, is: string[]) => source("GitRepository", name, was, is);
const HTTPS = "url: https://git.example.invalid/a.git";
const SSH = "url: ssh://git@git.example.invalid/a.git";
const with_ = (name: string) => `secretRef: {name: ${name}}`;

const data = (keys: readonly string[]) => [`stringData: {${keys.map((key) => `${key}: a`).join(", ")}}`];
const secret = (name: string, was: string[] | undefined, is: string[]): Row => [
  name,
  "Secret",
  was && data(was),
  data(is),
];
const stays = (name: string, ...keys: string[]) => secret(name, keys, keys);
/** Secrets that stay, by what they hold; that of `elsewhere` is in no file. */
const SECRETS: Row[] = [
  stays("password", "username", "password"),
  stays("bearer", "bearerToken"),
  stays("key", "identity", "known_hosts"),
  stays("half", "identity"),
  stays("other", "a", "b"),
  stays("app", "githubAppID", "githubAppInstallationID"),
  stays("empty"),
];

const oci = (name: string, was: string[] | undefined, is: string[], url = "url: oci://example.invalid/a") =>
  source("OCIRepository", name, was && [url, ...was], [url, ...is]);
const charts = (name: string, was: string[], is: string[]) =>
  source("HelmRepository", name, ["url: oci://example.invalid/a", ...was], ["url: oci://example.invalid/a", ...is]);
const bucket = (name: string, was: string[], is: string[]) =>
  source(
    "Bucket",
    name,
    ["endpoint: s3.example.invalid", "bucketName: a", ...was],
    ["endpoint: s3.example.invalid", "bucketName: a", ...is],
  );

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const synced = (more: string, url = "https://git.example.invalid/me/home.git"): Files => ({
  [INSTANCE]: operatorTree()
    [INSTANCE]!.replace("url: 'https://git.example.invalid/me/home.git'", `url: '${url}'`)
    .replace("path:", `${more} path:`),
});

/** Sources whose address, provider or Secret changes: who may still log in. */
export const LOGINS: Cases = {
  "another protocol": rows(
    [
      ...SECRETS,
      git("to-ssh", [HTTPS, with_("password")], [SSH, with_("password")]),
      git("to-ssh-by-half-a-key", [HTTPS, with_("half")], [SSH, with_("half")]),
      git("to-ssh-by-a-key", [HTTPS, with_("key")], [SSH, with_("key")]),
      git("to-ssh-with-another", [HTTPS, with_("password")], [SSH, with_("other")]),
      git("to-ssh-elsewhere", [HTTPS, with_("elsewhere")], [SSH, with_("elsewhere")]),
      git("to-ssh-empty", [HTTPS, with_("empty")], [SSH, with_("empty")]),
      git("to-https", [SSH, with_("key")], [HTTPS, with_("key")]),
      git("to-https-elsewhere", [SSH, with_("elsewhere")], ["url: http://git.example.invalid/a", with_("elsewhere")]),
      git("to-https-by-a-token", [SSH, with_("bearer")], [HTTPS, with_("bearer")]),
      git("to-https-without", [SSH, with_("key")], [HTTPS]),
      git("to-a-variable", [HTTPS, with_("password")], ["url: ${DOMAIN}/ssh://", with_("password")]),
      git("from-a-variable", ["url: ${DOMAIN}/https://", with_("password")], [SSH, with_("password")]),
    ],
    UNSEEN,
  ),
  "no Secret": rows([
    ...SECRETS,
    git("over-https", [HTTPS, with_("password")], [HTTPS]),
    git("over-https-as-before", [HTTPS], [HTTPS, "timeout: 5m"]),
    git("over-https-that-comes", undefined, [HTTPS]),
    git("over-ssh", [SSH, with_("key")], [SSH]),
    git("over-ssh-as-before", [SSH], [SSH, "timeout: 5m"]),
    git("over-ssh-that-comes", undefined, [SSH]),
    git("over-ssh-that-was-https", [HTTPS], [SSH]),
    git("over-ssh-by-azure", [SSH, with_("key")], [SSH, "provider: azure"]),
  ]),
  "Secrets that lose keys": rows([
    secret("password", ["username", "password"], ["password"]),
    secret("bare", ["username", "password"], []),
    secret("key", ["identity", "known_hosts", "a"], ["identity", "a"]),
    secret("bearer", ["bearerToken"], ["username"]),
    secret("useless", ["a"], ["b"]),
    git("https", [HTTPS, with_("password")], [HTTPS, with_("password")]),
    git("https-bare", [HTTPS, with_("bare")], [HTTPS, with_("bare")]),
    git("https-bearer", [HTTPS, with_("bearer")], [HTTPS, with_("bearer")]),
    git("https-useless", [HTTPS, with_("useless")], [HTTPS, with_("useless")]),
    git("ssh", [SSH, with_("key")], [SSH, with_("key")]),
    git("ssh-to-it", [SSH, with_("elsewhere")], [SSH, with_("key")]),
    git("in-a-variable", ["url: ${DOMAIN}/", with_("password")], ["url: ${DOMAIN}/", with_("password")]),
    oci("registry", [with_("password")], [with_("password")]),
  ]),
  "providers of Git": rows(
    [
      ...SECRETS,
      git("app-without", [HTTPS], [HTTPS, "provider: github"]),
      git("app-that-comes-without", undefined, [HTTPS, "provider: github"]),
      git("app-with-password", [HTTPS, with_("password")], [HTTPS, with_("password"), "provider: github"]),
      git("by-app", [HTTPS], [HTTPS, with_("app"), "provider: github"]),
      git("generic-with-app", [HTTPS, with_("app"), "provider: github"], [HTTPS, with_("app")]),
      git("generic-with-app-that-comes", undefined, [HTTPS, with_("app")]),
      git("generic-with-app-as-before", [HTTPS, with_("app")], [HTTPS, with_("app"), "timeout: 1m"]),
      git("app-elsewhere", [HTTPS, with_("elsewhere")], [HTTPS, with_("elsewhere"), "provider: github"]),
      git("app-elsewhere-that-comes", undefined, [HTTPS, with_("elsewhere"), "provider: github"]),
      git("from-app-to-password", [HTTPS, with_("app"), "provider: github"], [HTTPS, with_("password")]),
      git("azure", [HTTPS], [HTTPS, "provider: azure"]),
      git("azure-with-app", [HTTPS, with_("app")], [HTTPS, with_("app"), "provider: azure"]),
      git("aws", [HTTPS, with_("password")], [HTTPS, with_("password"), "provider: aws"]),
      git("unknown", [HTTPS], [HTTPS, "provider: gcp"]),
      git("open", [HTTPS], [HTTPS, "provider: '${DOMAIN}'"]),
      git("generic", [HTTPS], [HTTPS, "provider: generic"]),
    ],
    UNSEEN,
  ),
  "providers of others": rows([
    ...SECRETS,
    oci("oci", [], ["provider: aws"]),
    oci("oci-with", [with_("app")], [with_("app"), "provider: gcp"]),
    oci("oci-other-secret", [with_("app")], [with_("password")]),
    oci("oci-that-comes", undefined, ["provider: aws"]),
    charts("charts", ["type: oci"], ["type: oci", "provider: azure"]),
    source(
      "HelmRepository",
      "charts-over-http",
      ["url: https://example.invalid"],
      ["url: https://example.invalid", "provider: aws"],
    ),
    bucket("bucket", ["provider: aws"], ["provider: gcp"]),
    bucket("bucket-with", ["provider: aws", with_("other")], [with_("other")]),
  ]),
  "the source of an instance gets a Secret elsewhere and another protocol": [
    { ...operatorTree(), ...synced("pullSecret: git,") },
    synced("pullSecret: git,", "ssh://git@git.example.invalid/me/home.git"),
  ],
  "the source of an instance gets a provider": [operatorTree(), synced("provider: github,")],
};
