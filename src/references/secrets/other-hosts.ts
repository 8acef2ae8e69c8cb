import { keyOfObject } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { listMade } from "../../change/makers.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { parseAddress } from "../../contract/address.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { operand, sh } from "../../contract/shell.ts";
import type { Stop } from "../stopped.ts";

const KINDS = new Set(["GitRepository", "OCIRepository", "HelmRepository", "Bucket"]);

/** A source that goes to another host and logs in there with the Secret of the old one. */
export function findOtherHost({ before, after }: Given, held: Held, was: Held | undefined): Stop | [] {
  if (!KINDS.has(held.object.kind) || !was || held.object.isPart) return [];
  const [old, now] = [readDoor(was), readDoor(held)];
  if (!old || !now || old.host === now.host || now.secret !== old.secret) return [];
  if (isUsedFor(before, held, now) || isEdited(before, after, held, now.secret)) return [];
  return {
    path: ["spec", held.object.kind === "Bucket" ? "endpoint" : "url"],
    rule: "login-mismatch",
    what: `is read from ${now.host} instead of ${old.host} from then on, and still logs in with Secret ${now.secret}`,
    why: "Nothing shows that this login is one for the new host as well.",
    next: "Name a Secret for that host, or none where it is public.",
    look: `look with ${sh`kubectl describe secret ${operand(now.secret)} -n ${held.object.namespace}`.line} which keys it has, and with the registry or forge whether they get in at ${now.host}`,
  };
}

const PORTS: Record<string, string> = { ssh: ":22", http: ":80", https: ":443", oci: ":443" };

interface Door {
  host: string;
  secret: string;
}

function readDoor({ object: { body } }: Held): Door | undefined {
  const { url, endpoint, secretRef } = body?.spec ?? {};
  const text: unknown = url ?? endpoint;
  const secret: unknown = secretRef?.name;
  if (typeof text !== "string" || typeof secret !== "string" || isOpenText(text) || isOpenText(secret))
    return undefined;
  const { host, scheme } = url === undefined ? { host: text, scheme: undefined } : parseAddress(text);
  const port = scheme === undefined ? undefined : ofOwn(PORTS, scheme);
  const written = host.toLowerCase();
  const bare = port !== undefined && written.endsWith(port) ? written.slice(0, -port.length) : written;
  return host === "" ? undefined : { host: bare, secret };
}

/** Whether something logs in there with that Secret today. */
function isUsedFor(before: World, { object: { namespace } }: Held, { host, secret }: Door): boolean {
  before.search([secret]);
  return before.all.some((one) => {
    const door = KINDS.has(one.object.kind) && one.object.namespace === namespace ? readDoor(one) : undefined;
    return door?.host === host && door.secret === secret;
  });
}

/** Whether the change alters the Secret, or what makes one under its name. */
function isEdited(before: World, after: World, { object: { namespace } }: Held, secret: string): boolean {
  after.search([secret]);
  return after.all.some(({ object }) => {
    if (KINDS.has(object.kind) || !isOrMakes(object, namespace, secret)) return false;
    return JSON.stringify(before.find(object.key)?.object.body) !== JSON.stringify(object.body);
  });
}

function isOrMakes(object: OwnedObject, namespace: string, secret: string): boolean {
  if (object.name === secret && object.namespace === namespace) return true;
  const wanted = keyOfObject({ apiVersion: "v1", kind: "Secret", namespace, name: secret });
  return listMade(object).some(({ key }) => key === wanted);
}
