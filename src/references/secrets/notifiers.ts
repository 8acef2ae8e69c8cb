import { groupKindHere, keyOfObject } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { makeKeysOf } from "../../change/made-keys.ts";
import type { Held } from "../../change/world.ts";
import type { YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { operand, sh } from "../../contract/shell.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const PROVIDER = "notification.toolkit.fluxcd.io|Provider";

/** Sets of keys of which a Secret needs to have one in full. */
type Need = readonly (readonly string[])[];

const TOKEN: Need = [["token"]];
const GITHUB: Need = [["token"], ["githubAppID"]];
const LOGIN: Need = [["username", "password"]];
const ADDRESS: Need = [["address"]];

/** What each type logs in with (notification-controller, `internal/notifier`); of those left out nothing is said. */
const NEEDS: Readonly<Record<string, Need>> = {
  ...{ github: GITHUB, githubdispatch: GITHUB, githubpullrequestcomment: GITHUB },
  ...{ gitlab: TOKEN, gitlabmergerequestcomment: TOKEN, gitea: TOKEN, giteapullrequestcomment: TOKEN },
  ...{ bitbucket: TOKEN, bitbucketserver: [...TOKEN, ...LOGIN], azuredevops: TOKEN },
  ...{ telegram: TOKEN, matrix: TOKEN, opsgenie: TOKEN, datadog: TOKEN, webex: TOKEN, "generic-hmac": TOKEN },
  zulip: LOGIN,
  ...{ slack: ADDRESS, discord: ADDRESS, msteams: ADDRESS, rocket: ADDRESS, googlechat: ADDRESS, lark: ADDRESS },
  ...{ generic: ADDRESS, alertmanager: ADDRESS, grafana: ADDRESS },
};

/** Those that are not made without a token (`NewGitHub` and its like there: "token cannot be empty"), and take it from nowhere else. */
const TOLD = new Set([
  ...["github", "githubdispatch", "githubpullrequestcomment", "gitlab", "gitlabmergerequestcomment"],
  ...["gitea", "giteapullrequestcomment", "bitbucket", "bitbucketserver", "opsgenie", "datadog"],
]);

interface Login {
  type: string;
  /** Undefined where none is named. */
  secret?: string;
  need: Need;
}

/** Providers whose type wants other keys than their Secret has, or whose Secret loses them: nothing is sent from then on. */
export function findUnsent({ before, after }: Given): Stopped[] {
  const providers = after.all.filter(({ object, by }) => groupKindHere(object.key) === PROVIDER && !by?.fixed);
  const old = before.all.map(readLogin).filter((one) => one !== undefined);
  const logins = [...providers.map(readLogin).filter((one) => one !== undefined), ...old];
  // One that only moves, or is like others, lacks nothing by this change.
  const usual = new Set(old.filter(({ secret }) => secret === undefined).map(({ type }) => type));
  for (const world of [before, after]) world.search(logins.flatMap(({ secret }) => secret ?? []));
  const [had, has] = [makeKeysOf(before), makeKeysOf(after)];
  const keysOf = (keys: typeof has, { object: { namespace } }: Held, name: string | undefined) =>
    name === undefined ? undefined : keys(keyOfObject({ apiVersion: "v1", kind: "Secret", namespace, name }));
  return stopsOf({ before, after }, (held, was): Stop | [] => {
    const now = readLogin(held);
    const earlier = was && readLogin(was);
    if (!now) return [];
    const { secret } = now;
    if (secret === undefined) {
      const isAsBefore = earlier ? earlier.secret === undefined : was?.object.body?.spec?.suspend === true;
      return isAsBefore || usual.has(now.type) || held.object.isPart ? [] : sayUnnamed(now);
    }
    if (was && !earlier) return [];
    const fits = meets(now.need, keysOf(has, held, secret));
    if (fits === true || (earlier && meets(earlier.need, keysOf(had, held, earlier.secret)) === false)) return [];
    if (fits === false) return sayUnsent(now, secret);
    const isOther = earlier !== undefined && String(earlier.need) !== String(now.need);
    return isOther && earlier.secret === secret ? sayUnsent(now, secret, held.object.namespace) : [];
  });
}

/** Undefined where the keys are not known. One that holds none is there for somebody else to fill. */
function meets(need: Need, keys: ReadonlySet<string> | undefined): boolean | undefined {
  return keys && keys.size > 0 ? need.some((all) => all.every((key) => keys.has(key))) : undefined;
}

/** Undefined for what needs no Secret, or does not say which. */
function readLogin({ object: { key, body } }: Held): Login | undefined {
  if (groupKindHere(key) !== PROVIDER) return undefined;
  const { type, secretRef, address, suspend }: YamlData = body?.spec ?? {};
  const [need, secret] = [ofOwn(NEEDS, String(type)), secretRef?.name];
  if (need === undefined || suspend === true) return undefined;
  if (need === ADDRESS && (address ?? "") !== "") return undefined;
  if (secretRef === undefined || secretRef === null)
    return TOLD.has(type) || need === ADDRESS ? { type, need } : undefined;
  if (typeof secret !== "string" || secret === "" || isOpenText(secret)) return undefined;
  return { type, secret, need };
}

const WHY =
  "Each type takes its address or its login from keys of its own, and notification-controller only logs that it cannot send.";
const sayNeed = (need: Need) => need.map((all) => all.join(" and ")).join(", or ");

function sayUnnamed({ type, need }: Login): Stop {
  return {
    path: ["spec", "type"],
    rule: "login-mismatch",
    what: `has type ${type} and names no Secret that holds ${sayNeed(need)}: it sends nothing`,
    why: WHY,
    next: `Name one in spec.secretRef${need === ADDRESS ? ", or the address in spec.address" : ""}.`,
  };
}

function sayUnsent({ type, need }: Login, secret: string, namespace?: string): Stop {
  const wanted = sayNeed(need);
  const what =
    namespace === undefined
      ? `has type ${type}, and its Secret ${secret} does not hold ${wanted}: it sends nothing`
      : `has type ${type} from then on, for which its Secret ${secret} has to hold ${wanted}, and which keys that has is not in Git`;
  return {
    path: ["spec", "type"],
    rule: "login-mismatch",
    what,
    why: WHY,
    next: "Change the Secret together with the type.",
    ...(namespace === undefined
      ? {}
      : { look: `look with ${sh`kubectl describe secret ${operand(secret)} -n ${namespace}`.line} which keys it has` }),
  };
}
