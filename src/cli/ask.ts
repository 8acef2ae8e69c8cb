import type { Shown } from "../contract/media.ts";
import { shown, visible } from "../contract/visible.ts";
import type { Io } from "./io.ts";

const WORDS: Readonly<Record<string, string>> = { yes: "y", no: "n", "": "n" };

/**
 * Asks until the answer is one of `letters`; `yes` and `no` are words for two of them, an empty line and the end of input
 * are a no. `maybe` is asked again: who mistypes must not lose what was planned.
 */
export async function askOneOf(io: Io, question: Shown, letters: readonly string[]): Promise<string> {
  for (;;) {
    const said = (await io.ask(question))?.trim().toLowerCase() ?? "";
    const answer = WORDS[said] ?? said;
    if (letters.includes(answer)) return answer;
    io.err(shown`Please answer ${visible(`${letters.slice(0, -1).join(", ")} or ${letters.at(-1)}`)}.\n`);
  }
}
