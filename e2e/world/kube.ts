import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { sleep } from "./wait.ts";

/** An object as the API server gives it; only what the bench looks at is typed. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    ownerReferences?: { kind: string; name: string; uid: string }[];
    managedFields?: { manager: string; operation: string; subresource?: string }[];
  };
  // The rest differs from kind to kind.
  // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object has no one shape below these fields
  [field: string]: any;
}

export interface Resource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
  verbs: string[];
}

/** An answer other than 2xx. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: KubeObject;
}

/** A client with a bearer token, enough of one for the bench. */
export class Kube {
  readonly server: string;
  readonly token: string;
  readonly #ca: string;
  readonly #agent: Agent;
  #resources: Resource[] | undefined;

  constructor(server: string, token: string, ca: string) {
    this.server = server;
    this.token = token;
    this.#ca = ca;
    // No limit: each watch holds a socket for good, and a tree with many kinds would leave none for anything else.
    this.#agent = new Agent({ ca, keepAlive: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  async json<T = KubeObject>(method: string, path: string, body?: unknown, type = "application/json"): Promise<T> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    let [status, answer] = await this.#ask(method, path, text, type);
    // A resource whose CRD has just come: its storage is being made.
    for (let again = 0; status === 429 && again < 40; again++) {
      await sleep(250);
      [status, answer] = await this.#ask(method, path, text, type);
    }
    if (status < 200 || status > 299) throw new ApiError(status, `${method} ${path}: ${status} ${messageOf(answer)}`);
    return (answer.startsWith("{") ? JSON.parse(answer) : answer) as T;
  }

  async #ask(method: string, path: string, body: string | undefined, type: string): Promise<[number, string]> {
    const response = await this.#send(method, path, body, type);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return [response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")];
  }

  #send(method: string, path: string, body: string | undefined, type: string): Promise<IncomingMessage> {
    return new Promise((done, failed) => {
      const headers: Record<string, string> = { authorization: `Bearer ${this.token}`, accept: "application/json" };
      if (body !== undefined) headers["content-type"] = type;
      const sent = request(new URL(path, this.server), { method, headers, agent: this.#agent, ca: this.#ca }, done);
      sent.once("error", failed);
      sent.end(body);
    });
  }

  /** Every resource the API server serves, in the version it prefers; asked anew with `fresh`. */
  async resources(fresh = false): Promise<Resource[]> {
    if (this.#resources && !fresh) return this.#resources;
    const found: Resource[] = [];
    type Groups = { groups: { preferredVersion: { groupVersion: string }; versions: { groupVersion: string }[] }[] };
    const { groups } = await this.json<Groups>("GET", "/apis");
    const paths = [
      "/api/v1",
      ...groups.flatMap(({ preferredVersion, versions }) => {
        const others = versions.filter(({ groupVersion }) => groupVersion !== preferredVersion.groupVersion);
        return [preferredVersion, ...others].map(({ groupVersion }) => `/apis/${groupVersion}`);
      }),
    ];
    type Resources = { resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[] };
    for (const path of paths) {
      const [group = "", version = ""] = path === "/api/v1" ? ["", "v1"] : path.slice("/apis/".length).split("/");
      const list = await this.json<Resources>("GET", path).catch((): Resources => ({ resources: [] }));
      for (const { name, kind, namespaced, verbs } of list.resources) {
        // A kind that the preferred version of its group lacks, such as Alert, is taken from the next one.
        if (name.includes("/") || found.some((one) => one.group === group && one.plural === name)) continue;
        found.push({ group, version, plural: name, kind, namespaced, verbs });
      }
    }
    this.#resources = found;
    return found;
  }

  async resourceOf(kind: string, group?: string): Promise<Resource> {
    const match = (list: Resource[]) =>
      list.find((one) => one.kind === kind && (group === undefined || one.group === group));
    const found = match(await this.resources()) ?? match(await this.resources(true));
    if (!found) throw new Error(`the API server serves no ${kind}`);
    return found;
  }

  /** The object, or undefined when there is none or its kind is not served. */
  async get(
    kind: string,
    namespace: string | undefined,
    name: string,
    group?: string,
  ): Promise<KubeObject | undefined> {
    const resource = await this.resourceOf(kind, group).catch(() => undefined);
    if (!resource) return undefined;
    return await this.json("GET", pathOf(resource, namespace, name)).catch((error) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  /** All objects of a kind; none when the kind is not served. */
  async list(kind: string, group?: string): Promise<KubeObject[]> {
    const resource = await this.resourceOf(kind, group).catch(() => undefined);
    if (!resource) return [];
    const list = await this.json<{ items: KubeObject[] }>("GET", pathOf(resource)).catch((error) => {
      if (error instanceof ApiError && error.status === 404) return { items: [] };
      throw error;
    });
    return list.items.map((item) => ({ ...item, apiVersion: apiVersionOf(resource), kind: resource.kind }));
  }

  /** Server-side apply; with `dryRun` nothing is written. */
  async apply(object: KubeObject, manager: string, { dryRun = false } = {}): Promise<KubeObject> {
    const [group = ""] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : [""];
    const resource = await this.resourceOf(object.kind, group);
    const version = object.apiVersion.split("/").at(-1) ?? resource.version;
    const path = pathOf({ ...resource, version }, object.metadata.namespace, object.metadata.name);
    const query = `?fieldManager=${encodeURIComponent(manager)}&force=true${dryRun ? "&dryRun=All" : ""}`;
    return await this.json("PATCH", path + query, object, "application/apply-patch+yaml");
  }

  async patch(kind: string, namespace: string | undefined, name: string, change: unknown): Promise<KubeObject> {
    const resource = await this.resourceOf(kind);
    return await this.json("PATCH", pathOf(resource, namespace, name), change, "application/merge-patch+json");
  }

  async delete(kind: string, namespace: string | undefined, name: string): Promise<void> {
    await this.json("DELETE", pathOf(await this.resourceOf(kind), namespace, name));
  }

  /** Follows a resource from `resourceVersion`; `ended` is called once when the stream ends, whatever the reason. */
  async watch(
    resource: Resource,
    resourceVersion: string,
    seen: (event: WatchEvent) => void,
    ended: () => void,
  ): Promise<() => void> {
    const path = `${pathOf(resource)}?watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;
    const response = await this.#send("GET", path, undefined, "application/json");
    if (response.statusCode !== 200) {
      response.resume();
      throw new ApiError(response.statusCode ?? 0, `watch ${path}: ${response.statusCode}`);
    }
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") seen(JSON.parse(line) as WatchEvent);
    });
    response.once("close", ended);
    response.once("error", () => {});
    return () => response.destroy();
  }
}

export function pathOf({ group, version, plural }: Resource, namespace?: string, name?: string): string {
  const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${base}${namespace ? `/namespaces/${namespace}` : ""}/${plural}${name ? `/${name}` : ""}`;
}

export const apiVersionOf = ({ group, version }: Resource) => (group === "" ? version : `${group}/${version}`);

export const groupOf = ({ apiVersion }: Pick<KubeObject, "apiVersion">) =>
  apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: string }).message ?? text);
  } catch {
    return text.slice(0, 300);
  }
}

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
  observedGeneration?: number;
}

/** Condition of an object, by type. */
export function condition(object: KubeObject, type: string): Condition | undefined {
  return ((object.status?.conditions ?? []) as Condition[]).find((one) => one.type === type);
}
