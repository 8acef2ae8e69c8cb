import { type Cases, type Row, rows } from "./said.ts";

const spec = (lines: readonly string[]) => ["spec:", ...lines.map((line) => `  ${line}`)];
const provider = (name: string, was: string[] | undefined, is: string[] | undefined): Row => [
  name,
  "Provider",
  was && spec(was),
  is && spec(is),
];
const from = (name: string) => `secretRef: {name: ${name}}`;
const data = (keys: readonly string[]) => [`stringData: {${keys.map((key) => `${key}: a`).join(", ")}}`];
const secret = (name: string, was: string[] | undefined, is: string[] | undefined): Row => [
  name,
  "Secret",
  was && data(was),
  is && data(is),
];
const stays = (name: string, ...keys: string[]) => secret(name, keys, keys);
const SECRETS = [
  stays("s-token", "token"),
  stays("s-app", "githubAppID"),
  stays("s-login", "username", "password"),
  stays("s-user", "username"),
  stays("s-address", "address"),
  stays("s-all", "token", "username", "password", "address"),
  stays("s-other", "headers"),
  stays("s-empty"),
];
const TYPES = [
  ...["github", "githubdispatch", "githubpullrequestcomment", "gitlab", "gitlabmergerequestcomment", "gitea"],
  ...["giteapullrequestcomment", "bitbucket", "bitbucketserver", "azuredevops", "telegram", "matrix", "opsgenie"],
  ...["datadog", "webex", "generic-hmac", "zulip", "slack", "discord", "msteams", "rocket", "googlechat", "lark"],
  ...["generic", "grafana", "sentry", "pagerduty", "alertmanager", "nats"],
];

const all = (secret: string, types = TYPES) =>
  rows([...SECRETS, ...types.map((type) => provider(`p-${type}`, undefined, [`type: ${type}`, from(secret)]))]);

/** Providers of notifications that have not what their type logs in with. */
export const NOTIFIERS: Cases = {
  "new ones without a Secret": rows(TYPES.map((type) => provider(`p-${type}`, undefined, [`type: ${type}`]))),
  "new ones with an address": rows(
    TYPES.map((type) => provider(`p-${type}`, undefined, [`type: ${type}`, "address: https://a.example"])),
  ),
  "one that loses its address": rows([
    provider("loses", ["type: generic", "address: https://a.example"], ["type: generic"]),
    provider("has-variable", ["type: slack", "address: https://a.example"], ["type: slack", "address: '${URL}'"]),
    provider("has-none", ["type: discord"], ["type: discord", "channel: a"]),
  ]),
  "new ones with a Secret of something else": all("s-other"),
  "new ones with all of a Secret": all("s-all"),
  "new ones with a GitHub App": all("s-app", ["github", "githubdispatch", "githubpullrequestcomment", "gitlab"]),
  "new ones with a login": all("s-login", ["zulip", "bitbucketserver", "bitbucket"]),
  "new ones with half of a login": all("s-user", ["zulip", "bitbucketserver"]),
  "new ones with a Secret for somebody else to fill": all("s-empty"),
  "one with a Secret that is not in Git": all("elsewhere", ["gitlab"]),
  "what changes of one": rows([
    ...SECRETS,
    secret("loses", ["token"], ["user"]),
    secret("goes", ["token"], undefined),
    secret("fills", [], ["user"]),
    provider("of-loses", ["type: gitlab", from("loses")], ["type: gitlab", from("loses")]),
    provider("of-goes", ["type: gitlab", from("goes")], ["type: gitlab", from("goes")]),
    provider("of-fills", ["type: gitlab", from("fills")], ["type: gitlab", from("fills")]),
    provider("other-type", ["type: gitlab", from("s-token")], ["type: slack", from("s-token")]),
    provider("other-type-of-the-same-key", ["type: gitlab", from("elsewhere")], ["type: gitea", from("elsewhere")]),
    provider("other-type-elsewhere", ["type: gitlab", from("elsewhere")], ["type: slack", from("elsewhere")]),
    provider("other-type-and-secret", ["type: gitlab", from("elsewhere")], ["type: slack", from("elsewhere-too")]),
    provider("from-a-type-without-needs", ["type: generic", from("s-other")], ["type: gitlab", from("s-other")]),
    provider("wrong-before", ["type: gitlab", from("s-other")], ["type: slack", from("s-other")]),
    provider("other-secret", ["type: gitlab", from("s-token")], ["type: gitlab", from("s-other")]),
    provider(
      "address-of-its-own",
      ["type: slack", from("s-address")],
      ["type: slack", from("s-other"), "address: https://a.example"],
    ),
    provider(
      "address-of-its-own-and-a-token",
      ["type: gitlab", from("s-token")],
      ["type: gitlab", from("s-other"), "address: https://a.example"],
    ),
    provider("secret-goes", ["type: opsgenie", from("s-token")], ["type: opsgenie"]),
    provider("secret-of-chat-goes", ["type: slack", from("s-address")], ["type: slack"]),
    provider("secret-is-nothing", ["type: datadog", from("s-token")], ["type: datadog", "secretRef:"]),
    provider("secret-without-name", ["type: gitlab", from("s-token")], ["type: gitlab", "secretRef: {name: ''}"]),
    provider("secret-by-a-variable", ["type: gitlab", from("s-token")], ["type: gitlab", from("'${DOMAIN}'")]),
    provider("suspended", ["type: gitlab", from("s-token")], ["type: gitlab", from("s-other"), "suspend: true"]),
    provider("resumed", ["type: gitlab", from("s-other"), "suspend: true"], ["type: gitlab", from("s-other")]),
    provider("resumed-without", ["type: gitlab", "suspend: true"], ["type: gitlab"]),
  ]),
  "one without a Secret, like others today": rows([
    provider("old", ["type: github"], ["type: github", "channel: a"]),
    provider("new", undefined, ["type: github"]),
    provider("other", undefined, ["type: gitea"]),
  ]),
};
