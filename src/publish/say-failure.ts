import { hideCredentials } from "../contract/address.ts";
import { clip } from "../contract/cut.ts";
import { hideTokens } from "../report/passwords.ts";
import { flatten } from "../report/terminal.ts";

/** What to do about the answers that people get most. */
const HINTS: Readonly<Record<number, string>> = {
  401: "The forge does not know the token: is it set, and still valid?",
  403: "The token may not do this: docs/ci.md has the rights it needs.",
  404: "There is no such repository or pull request, or the token may not see it: docs/ci.md has the rights it needs.",
};

/** Why a request failed, in one line, without the token wherever it appears. */
export function sayFailure(error: unknown, token: string): string {
  const status = statusOf(error);
  const text = flatten(messageOf(error)).trim();
  // What answers may say what it was sent: the token as it is, or as a part of a header.
  const clean = hideTokens(hideCredentials(token === "" ? text : text.replaceAll(token, "***")));
  const hint = status === undefined ? undefined : HINTS[status];
  const answer = status === undefined ? "" : `answer ${status}. `;
  const said = `${answer}${clip(clean, 300)}${hint ? ` ${hint}` : ""}`.trim();
  return isOtherAnswer(error) ? `What answers there is no API of a forge, such as a page to log in (${said}).` : said;
}

/** The clients take any answer for the one they asked for; what goes wrong on the way to one has a cause. */
function isOtherAnswer(error: unknown): boolean {
  const isMisread = error instanceof TypeError || error instanceof SyntaxError;
  return isMisread && error.cause === undefined && statusOf(error) === undefined;
}

/** The clients keep it in places of their own. */
function statusOf(error: unknown): number | undefined {
  const { status, statusCode, cause } = (error ?? {}) as Record<string, unknown>;
  const response = (cause as { response?: { status?: unknown } } | undefined)?.response;
  return [status, statusCode, response?.status].find((one) => typeof one === "number");
}

/** `fetch failed` says nothing; what is behind it does. */
function messageOf(error: unknown): string {
  const messages: string[] = [];
  for (let one = error, depth = 0; one !== undefined && one !== null && depth < 4; depth++) {
    const { message, code, cause, statusText } = one as Record<string, unknown>;
    const said = [message, statusText, code].find((part) => typeof part === "string" && part !== "");
    if (said !== undefined && !messages.includes(String(said))) messages.push(String(said));
    one = cause;
  }
  return messages.length > 0 ? messages.join(": ") : String(error);
}
