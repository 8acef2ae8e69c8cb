import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { startFake } from "./fake-forges.ts";
import { harmfulRepo, openJob } from "./job.ts";

test("the page shows a comment as it is written", async () => {
  const server = await startFake("gitea");
  try {
    const { run } = openJob(server, harmfulRepo());
    await run("verify", "--base", "HEAD~1", "--publish", "auto");
    // Commits have other names in every run, and the hidden mark is no part of what people see.
    const seen = server.state.comments[0]!.body.replace(/^<!--.*-->\n+/, "").replace(/\b[0-9a-f]{7,40}\b/g, "0f0c1aa");
    const page = readFileSync(join(PROJECT_ROOT, "docs/ci.md"), "utf8");
    const [, shown = ""] = /<!-- comment -->\n([\s\S]*?)<!-- \/comment -->/.exec(page) ?? [];
    expect(shown).toBe(
      seen
        .trimEnd()
        .replace(/^(?=.)/gm, "> ")
        .replace(/^$/gm, ">")
        .concat("\n"),
    );
  } finally {
    await server.close();
  }
});
