import { clip } from "../../contract/cut.ts";
import type { Finding, Level } from "../../contract/finding.ts";
import { visibleLines } from "../../contract/visible.ts";
import { md } from "../../report/markdown-escape.ts";
import { compareLevels } from "../../report/summary.ts";
import type { Connection, Forge, ForgeComment } from "../forge.ts";
import { patientFetch } from "./patient-fetch.ts";

/** Bitbucket takes 32,768 characters. */
const COMMENT_BYTES = 32_000;
/** Most annotations of one request. */
const MOST = 100;
/** Pages of comments, of a hundred each. */
const PAGES = 100;

interface User {
  uuid?: string;
  type?: string;
}

interface Page {
  values?: { id: number; deleted?: boolean; user?: User; content?: { raw?: string } }[];
  next?: string;
}

/** A pull request on Bitbucket Cloud. It has no client that is looked after, so this asks its REST API itself. */
export async function openBitbucket({ api, token, repository, pull, timeout, pause }: Connection): Promise<Forge> {
  const send = patientFetch(timeout, pause);
  // `user:token` is what a person has, a token alone what a repository has.
  const authorization = token.includes(":") ? `Basic ${Buffer.from(token).toString("base64")}` : `Bearer ${token}`;
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const url = path.startsWith("http") ? path : `${api}/repositories/${repository}/${path}`;
    if (new URL(url).origin !== new URL(api).origin) throw new Error("The forge names a page on another server.");
    const headers = { authorization, accept: "application/json", "content-type": "application/json" };
    const answer = await send(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(messageIn(text) ?? answer.statusText), { status: answer.status });
    return JSON.parse(text || "null") as T;
  };
  const comments = `pullrequests/${pull}/comments`;
  return {
    name: "Bitbucket",
    commentBytes: COMMENT_BYTES,
    isPlain: true,
    hide: (mark) => md`[//]: <> (${mark})`,
    async readHead() {
      const { source } = await ask<{ source?: { commit?: { hash?: string } } }>("GET", `pullrequests/${pull}`);
      const hash = source?.commit?.hash;
      if (hash === undefined) return undefined;
      // It is cut to twelve letters here.
      return (await ask<{ hash?: string }>("GET", `commit/${hash}`)).hash;
    },
    async listOwnComments() {
      const me = await ask<User>("GET", `${api}/user`).catch(() => undefined);
      const own: ForgeComment[] = [];
      let next: string | undefined = `${comments}?pagelen=100`;
      for (let page = 0; next !== undefined && page < PAGES; page++) {
        const { values = [], next: after }: Page = await ask<Page>("GET", next);
        for (const { id, deleted, user, content } of values) {
          if (!deleted && isMe(user, me)) own.push({ id: String(id), body: content?.raw ?? "" });
        }
        next = after;
      }
      return own;
    },
    async createComment(raw) {
      await ask("POST", comments, { content: { raw } });
    },
    async editComment(id, raw) {
      await ask("PUT", `${comments}/${Number(id)}`, { content: { raw } });
    },
    async setStatus(commit, { state, name, description, url }) {
      const page = url ?? `https://bitbucket.org/${repository}/pull-requests/${pull}`;
      const said = state === "success" ? "SUCCESSFUL" : "FAILED";
      const key = name.replace(" ", "-");
      await ask("POST", `commit/${commit}/statuses/build`, { key, name, state: said, description, url: page });
    },
    async annotate(commit, { state, name, description }, findings) {
      const path = `commit/${commit}/reports/${name.replace(" ", "-")}`;
      const result = state === "success" ? "PASSED" : "FAILED";
      await ask("PUT", path, { title: name, details: description, report_type: "BUG", reporter: "fluxlift", result });
      const shown = findings.filter(({ level, at }) => level !== "info" && at !== undefined).sort(compareLevels);
      if (shown.length > 0) await ask("POST", `${path}/annotations`, shown.slice(0, MOST).map(toAnnotation));
    },
  };
}

/** The token of a repository may not ask who it is; only such tokens are users of that type. */
function isMe(user: User | undefined, me: User | undefined): boolean {
  return me?.uuid === undefined ? user?.type === "app_user" : user?.uuid === me.uuid;
}

const SEVERITY: Readonly<Record<Level, string>> = { blocker: "HIGH", caution: "MEDIUM", info: "LOW" };

function toAnnotation({ rule, level, at, what, next }: Finding, index: number) {
  return {
    external_id: `fluxlift-${index}`,
    annotation_type: "BUG",
    severity: SEVERITY[level],
    title: rule,
    summary: clip(visibleLines(what), 440),
    details: clip(visibleLines(next), 1900),
    path: at?.file,
    line: at?.line,
  };
}

function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}
