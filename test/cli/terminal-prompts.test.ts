import { afterEach, expect, test, vi } from "vitest";
import { Cancelled, type Prompts } from "../../src/cli/guide/prompts.ts";
import { openPrompts } from "../../src/cli/guide/terminal-prompts.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const QUESTIONS: Record<string, (prompts: Prompts) => Promise<unknown>> = {
  "one of several": (prompts) => prompts.choose("Which?", [{ value: "a", label: "A" }], "a"),
  "some of several": (prompts) => prompts.chooseSome("Which?", [{ value: "a", label: "A" }]),
  "a text": (prompts) => prompts.enter("Which?", "a", () => undefined),
};
const KEYS = {
  "Ctrl-C": { sequence: "\u0003", name: "c", ctrl: true },
  "Ctrl-D": { sequence: "\u0004", name: "d", ctrl: true },
  Escape: { sequence: "\u001b", name: "escape" },
};

test.each(Object.keys(KEYS) as (keyof typeof KEYS)[])("%s leaves every question, and the cursor shows", async (key) => {
  for (const [what, ask] of Object.entries(QUESTIONS)) {
    const written: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const answer = ask(await openPrompts()).catch((error: unknown) => error);
    process.stdin.emit("keypress", KEYS[key].sequence, KEYS[key]);
    const said = await Promise.race([answer, new Promise((done) => setTimeout(done, 500, "no answer"))]);
    expect([what, said]).toEqual([what, expect.any(Cancelled)]);
    expect([what, written.join("").lastIndexOf("\u001b[?25h") > written.join("").lastIndexOf("\u001b[?25l")]).toEqual([
      what,
      true,
    ]);
  }
});
