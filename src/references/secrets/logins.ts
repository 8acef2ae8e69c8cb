import { keyOfObject } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { openWhenEmpty } from "../../change/value-keys.ts";
import type { Held, World } from "../../change/world.ts";
import { listSome } from "../../contract/list-some.ts";
import type { YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { LISTED, type Stop } from "../stopped.ts";

interface Address {
  url: string;
  secret: string;
}

/** A URL or a provider that wants another kind of login than its Secret holds. */
export function findLogin({ before, after }: Given, held: Held, was: Held | undefined): Stop | [] {
  const found = findProvider(after, held, was) ?? findProtocol(after, held, was);
  return found ?? (was && findEmptied(before, after, held, was)) ?? [];
}

/** Keys with which source-controller logs in by a protocol. */
const canLogIn = (keys: ReadonlySet<string>, ssh: boolean): boolean =>
  ssh
    ? ["identity", "known_hosts"].every((key) => keys.has(key))
    : ["username", "bearerToken", APP_KEY].some((key) => keys.has(key));

/** The Secret stays, and what was in it does not. */
function findEmptied(before: World, after: World, held: Held, was: Held): Stop | undefined {
  const [now, old] = [readAddress(held), readAddress(was)];
  const ssh = now && isSsh(now.url);
  if (!now || ssh === undefined || now.secret === "" || now.secret !== old?.secret) return undefined;
  const [had, has] = [readKeys(before, was, now.secret), readKeys(after, held, now.secret)];
  if (!had || !has || !canLogIn(had, ssh) || canLogIn(has, ssh)) return undefined;
  return {
    path: ["spec", "secretRef", "name"],
    ...placeOf(held),
    rule: "login-mismatch",
    what: `is read over ${ssh ? "ssh" : "https"} with Secret ${now.secret}, which holds ${listSome([...has], LISTED) || "nothing"} from then on`,
    why: ssh ? SSH_KEYS : HTTPS_KEYS,
    next: "Take the keys back into the Secret.",
  };
}

const SSH_KEYS = "ssh wants identity and known_hosts in the Secret.";
const HTTPS_KEYS = "https wants username and password, or bearerToken, in the Secret.";

const SOURCES = ["GitRepository", "OCIRepository", "Bucket"];
const GIT_PROVIDERS = ["generic", "azure", "aws", "github"];
const APP_KEY = "githubAppID";
const providerOf = ({ object: { body } }: Held): string => String(body?.spec?.provider ?? "generic");
const secretOf = ({ object: { body } }: Held): string => String(body?.spec?.secretRef?.name ?? "");

/** What the operator makes stands at its FluxInstance. */
const placeOf = ({ by, object: { at } }: Held): Pick<Stop, "at"> => (by || !at ? {} : { at });

/** Who a source logs in as. A GitHub App is one by its Secret and by its provider, both or none (source-controller, `getAuthOpts`). */
function findProvider(after: World, held: Held, was: Held | undefined): Stop | undefined {
  const { kind, namespace } = held.object;
  const [now, old] = [providerOf(held), was && providerOf(was)];
  const isRegistry = kind === "HelmRepository" && held.object.body?.spec?.type === "oci";
  if (!(SOURCES.includes(kind) || isRegistry) || held.object.isPart || now.includes("${")) return undefined;
  // Another one is refused, which is said.
  if (kind === "GitRepository" && !GIT_PROVIDERS.includes(now)) return undefined;
  const secret = secretOf(held);
  if (now === old && secret === (was && secretOf(was))) return undefined;
  const stop = {
    path: ["spec", "provider"],
    ...placeOf(held),
    rule: "login-mismatch" as const,
    why: "A GitHub App is used where the provider is github and the Secret holds its keys; either alone fails.",
    next: "Change the provider together with the Secret.",
  };
  if (now === "github" && secret === "")
    return { ...stop, what: "has provider: github and names no Secret, in which the GitHub App would be" };
  const keys = secret === "" ? new Set<string>() : knownKeys(after, held, secret);
  const isPlain = kind === "GitRepository" && now !== "azure" && now !== "aws";
  if (keys && isPlain && (now === "github") !== keys.has(APP_KEY)) {
    const holds = keys.has(APP_KEY) ? `, and ${secret} holds a GitHub App` : `, and ${secret} holds no ${APP_KEY}`;
    return { ...stop, what: `has provider: ${now}${holds}` };
  }
  if (old === undefined || now === old || (keys && (now === "github" || old === "github"))) return undefined;
  return {
    ...stop,
    why: "Whether that login works cannot be seen here.",
    what: `logs in by provider ${now} instead of ${old} from then on, and whether that gets in hangs on ${secret === "" ? "the cloud it runs in" : `Secret ${secret}`}`,
    look:
      secret === ""
        ? "look whether the account of source-controller may read it"
        : `look with ${sh`kubectl describe secret ${operand(secret)} -n ${namespace}`.line} which keys it has`,
  };
}

/** Keys of `secretRef` by protocol. */
function findProtocol(after: World, held: Held, was: Held | undefined): Stop | undefined {
  const [now, old] = [readAddress(held), was && readAddress(was)];
  if (!now) return undefined;
  const [to, from] = [isSsh(now.url), old && isSsh(old.url)];
  const stop = {
    path: ["spec", "url"],
    ...placeOf(held),
    rule: "login-mismatch" as const,
    why: to ? SSH_KEYS : HTTPS_KEYS,
    next: "Change the Secret first, or name another one in the same change.",
  };
  const says = `is read over ${to ? "ssh" : "https"} from then on`;
  if (to === false && from === false && now.secret === "" && old?.secret !== "") {
    const what = `names no Secret from then on, and what is private cannot be read over https without one`;
    return { ...stop, what, look: `look with ${sh`git ls-remote ${operand(now.url)}`.line} where no login is kept` };
  }
  if (to && now.secret === "") {
    if (held.object.isPart || (from && old?.secret === "")) return undefined;
    const next = "Name the Secret that holds the key, or read it over https.";
    const what = `${from ? "is read over ssh" : says} and names no Secret, without which Flux does not clone it`;
    return { ...stop, what, next };
  }
  if (!old || to === undefined || from === undefined || to === from || now.secret === "") return undefined;
  if (now.secret !== old.secret) return undefined;
  const keys = knownKeys(after, held, now.secret);
  if (keys && canLogIn(keys, to)) return undefined;
  if (keys) return { ...stop, what: `${says} with Secret ${now.secret}, which holds ${listSome([...keys], LISTED)}` };
  const namespace = held.object.namespace;
  return {
    ...stop,
    what: `${says} while its Secret ${now.secret} stays the same, and what that holds is not in Git`,
    look: `look with ${sh`kubectl describe secret ${operand(now.secret)} -n ${namespace}`.line} which keys it has`,
  };
}

function readAddress({ object: { body, kind } }: Held): Address | undefined {
  const { url, secretRef, provider } = body?.spec ?? {};
  // Azure and AWS give a login without a Secret.
  if (kind !== "GitRepository" || typeof url !== "string" || /^(azure|aws)$/.test(provider)) return undefined;
  return { url, secret: typeof secretRef?.name === "string" ? secretRef.name : "" };
}

/** Undefined for anything but ssh and http. */
function isSsh(url: string): boolean | undefined {
  if (/^ssh:\/\//.test(url)) return true;
  return /^https?:\/\//.test(url) ? false : undefined;
}

/** The same where it says them. */
function knownKeys(...of: Parameters<typeof readKeys>): ReadonlySet<string> | undefined {
  const keys = readKeys(...of);
  return keys && openWhenEmpty(keys);
}

/** Keys of a Secret in Git, encrypted or not. */
function readKeys(after: World, { object: { namespace } }: Held, name: string): Set<string> | undefined {
  const key = keyOfObject({ apiVersion: "v1", kind: "Secret", namespace, name });
  if (!after.has(key)) return undefined;
  const body: YamlData = after.objects.get(key)?.object.body;
  return body && new Set([...Object.keys(body.data ?? {}), ...Object.keys(body.stringData ?? {})]);
}
