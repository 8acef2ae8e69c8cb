import { cutEnd } from "./cut.ts";

/**
 * Where a repository or an artifact is: a URL, or the `user@host:path` of ssh and git. This is the one place that takes such
 * a text apart. People write passwords with `@` and `/` into them unescaped, so what could be one counts as one: a host that
 * is told wrong does less harm than a password that is shown.
 */
export interface Address {
  /** `https`, `ssh`, `oci`; `ssh` too for `user@host:path`; undefined for a path on this machine. */
  readonly scheme: string | undefined;
  /** The user of an ssh address, which is no secret; of other addresses it may be a token and is not kept. */
  readonly user: string | undefined;
  /** With the port. */
  readonly host: string;
  /** Of a URL from its first slash on. */
  readonly path: string;
  /** With its `?` and without what may be a token. */
  readonly query: string;
  /** Whether it holds a password or what is likely to be a token. */
  readonly hasSecret: boolean;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** What the git helper of CodeCommit reads: `codecommit::eu-west-1://fleet`. */
const HELPER = /^codecommit::[\w-]+:\/\//i;

/** Takes an address apart; any text has one reading. */
export function parseAddress(text: string): Address {
  const trimmed = text.trim();
  const scheme = SCHEME.exec(trimmed)?.[1];
  if (scheme !== undefined) return parseUrl(scheme.toLowerCase(), trimmed.slice(scheme.length + 3));
  return (
    (HELPER.test(trimmed) ? undefined : parseScp(trimmed)) ?? {
      scheme: undefined,
      user: undefined,
      host: "",
      path: trimmed,
      query: "",
      hasSecret: false,
    }
  );
}

function parseUrl(scheme: string, rest: string): Address {
  const at = endOfLogin(rest);
  const login = rest.slice(0, Math.max(0, at));
  const [, host = "", path = "", query = ""] = /^([^/?#]*)([^?]*)(.*)$/s.exec(rest.slice(at + 1)) ?? [];
  const colon = login.indexOf(":");
  const isSsh = scheme.endsWith("ssh");
  const kept = keepKnown(query);
  return {
    scheme,
    user: isSsh ? login.slice(0, colon < 0 ? undefined : colon) || undefined : undefined,
    host,
    path,
    query: kept,
    hasSecret:
      (colon >= 0 && !VARIABLE.test(login.slice(colon + 1))) || (!isSsh && login.length >= TOKEN) || namesSecret(query),
  };
}

/** User names are shorter, and tokens of the forges longer. */
const TOKEN = 20;
/** What postBuild fills in is no secret by itself. */
const VARIABLE = /^\$\{\w+\}$/;
const SECRET = /token|secret|passw|key|auth|sig/i;
/** What `kubectl kustomize` reads from the URL of a base. */
const KNOWN = /^(ref|version|submodules|timeout|depth)=/;

function namesSecret(query: string): boolean {
  return query.split(/[?&#]/).some((parameter) => SECRET.test(parameter.split("=", 1)[0]!) && parameter.includes("="));
}

function keepKnown(query: string): string {
  const [parameters = "", ...fragment] = query.slice(1).split("#");
  const kept = parameters.split("&").filter((parameter) => KNOWN.test(parameter));
  const end = fragment.length > 0 ? `#${fragment.join("#")}` : "";
  return (kept.length > 0 ? `?${kept.join("&")}` : "") + end;
}

/** Index of the `@` before the host; -1 where there is no login. */
function endOfLogin(rest: string): number {
  const authority = /^[^/?#]*/.exec(rest)![0];
  const last = rest.lastIndexOf("@");
  const first = authority.lastIndexOf("@");
  // A password may hold anything, further `@` and `/` included.
  if (first >= 0) return authority.slice(0, first).includes(":") ? last : first;
  const isName = (text: string) => text === "localhost" || (text.includes(".") && !text.includes(":"));
  const isHost = /^(\[|localhost\b)/.test(authority) || isName(authority);
  const port = /:\d+$/.exec(authority);
  const isHostWithPort = port !== null && isName(authority.slice(0, port.index));
  const end = isHostWithPort || isHost || !authority.includes(":") ? rest.search(/[?#]|$/) : rest.length;
  const at = rest.lastIndexOf("@", end - 1);
  // `host/path@1.0` is a path, and `host:5000/path@sha256:…` pins an image.
  return isHost || at < 0 || at >= end || /^sha\d+:/.test(rest.slice(at + 1)) ? -1 : at;
}

function parseScp(text: string): Address | undefined {
  const ssh = (user: string | undefined, host: string, path: string, hasSecret: boolean): Address => {
    return { scheme: "ssh", user, host, path, query: "", hasSecret };
  };
  const login = /^([^@/:]+):(.*)@([^@/:]+):(.*)$/s.exec(text);
  if (login) return ssh(login[1], login[3]!, login[4]!, true);
  const plain = /^(?:([^@/:]+)@)?([^@/:]+):(?!\/\/)(.+)$/s.exec(text);
  // One letter is a drive of Windows.
  return plain && plain[2]!.length > 1 ? ssh(plain[1], plain[2]!, plain[3]!, false) : undefined;
}

/** An address without password and token, for people and for files; the user of an ssh address stays. */
export function publicAddress(text: string): string {
  const { scheme, user, host, path, query } = parseAddress(text);
  if (scheme === undefined) return text;
  const login = user === undefined ? "" : `${user}@`;
  return SCHEME.test(text.trim()) ? `${scheme}://${login}${host}${path}${query}` : `${login}${host}:${path}`;
}

/** What may be an address, up to what ends one in a text; it may hold others, as in `[![a](https://b)](https://c)`. */
const ADDRESSES = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s'"`<>]+/gi;
const START = /[a-z][a-z0-9+.-]{0,20}:\/\//gi;

/** A text with each address in it changed: as a whole, and from where another one begins in it. */
export function mapAddresses(text: string, change: (address: string) => string): string {
  return text.replace(ADDRESSES, (all) => {
    const whole = change(all);
    const starts = [...whole.matchAll(START)].map(({ index }) => index).filter((at) => at > 0);
    if (starts.length === 0) return whole;
    const inner = starts.map((at, index) => change(whole.slice(at, starts[index + 1])));
    return whole.slice(0, starts[0]) + inner.join("");
  });
}

/** `https://…@host` is public already. */
const PUBLIC = /^[^:]+:\/\/…@[^?#@]*$/;

/** A text with every URL in it made public, such as what another program says. */
export function hideCredentials(text: string): string {
  return mapAddresses(text, (address) => (PUBLIC.test(address) ? address : publicAddress(address)));
}

/** Data with every text in it as `hideCredentials` leaves it: names and reasons come to words in many places. Nests as deep as its type. */
export function hideCredentialsIn<T>(value: T): T {
  return withTexts(value, (text) => (text.includes("://") ? hideCredentials(text) : text)) as T;
}

function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, change)]));
}

/** Forms in which a forge serves one repository, and the one that stands for all of them. */
const FORMS: readonly (readonly [form: RegExp, one: string])[] = [
  [/^www\.(?=(?:github|gitlab)\.com\/|bitbucket\.org\/)/, ""],
  [/^(?:alt)?ssh\.(?=(?:github|gitlab)\.com\/|bitbucket\.org\/)/, ""],
  // `Host github.com-work` in the ssh configuration of somebody with several accounts: no host ends so.
  [/^(github\.com|gitlab\.com|bitbucket\.org)[-_][\w-]+\//, "$1/"],
  [/^(?:ssh\.dev\.azure|vs-ssh\.visualstudio)\.com\/v3\/([^/]+)\/([^/]+)\//, "dev.azure.com/$1/$2/_git/"],
  [/^([\w-]+)\.visualstudio\.com\/(?:defaultcollection\/)?/, "dev.azure.com/$1/"],
  [/^dev\.azure\.com\/([^/]+)\/_git\/([^/]+)$/, "dev.azure.com/$1/$2/_git/$2"],
  [/^codecommit::([\w-]+):\/\/(?:[^/@]*@)?/, "git-codecommit.$1.amazonaws.com/v1/repos/"],
  // Bitbucket Data Center, which has no such folder for ssh.
  [/^(?!gitlab\.com\/)([^/]+)\/scm\/(?=[^/]+\/[^/]+$)/, "$1/"],
];

/** `https://github.com/o/r.git`, `ssh://git@github.com:22/o/r` and `git@github.com:o/r` all become `github.com/o/r`. */
export function repositoryIdentity(text: string): string {
  const { host, path } = parseAddress(text.toLowerCase());
  const name = host.replace(/:\d*$/, "");
  const whole = `${name}${name !== "" && !path.startsWith("/") ? "/" : ""}${path}`;
  const plain = cutEnd(cutEnd(whole, "/").replace(/\.git$/, ""), "/");
  return FORMS.reduce((identity, [form, one]) => identity.replace(form, one), plain);
}

/** What Flux can clone: it knows no `user@host:path`; a folder or a bundle on this machine is no URL for a cluster. */
export function fluxUrlOf(text: string): string | undefined {
  const { scheme, user, host, path } = parseAddress(text);
  if (host === "" || (scheme !== "ssh" && scheme !== "https" && scheme !== "http")) return undefined;
  const login = scheme === "ssh" ? `${user ?? (SCHEME.test(text.trim()) ? "" : "git")}` : "";
  return `${scheme}://${login === "" ? "" : `${login}@`}${host}${path.startsWith("/") || path === "" ? "" : "/"}${path}`;
}
