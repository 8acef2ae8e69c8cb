import { expect, test } from "vitest";
import { findFolder } from "../../transforms/publish-workflow/actions.ts";
import type { PublishJob } from "../../transforms/publish-workflow/job.ts";
import { memoryTree } from "../support/memory.ts";

const [FORGEJO, GITEA, GITHUB] = [".forgejo/workflows", ".gitea/workflows", ".github/workflows"];

test.each([
  ["gitea.example.org", [], { folder: GITEA }],
  ["codeberg.org", [], { folder: FORGEJO }],
  ["git.example.org", [], { folder: FORGEJO }],
  ["git.example.org", [GITEA], { folder: GITEA }],
  ["git.example.org", [FORGEJO, GITEA], { folder: GITEA }],
  ["forgejo.example.org", [FORGEJO, GITEA], { folder: FORGEJO }],
  ["gitea.example.org", [GITHUB], { folder: GITEA, unread: GITHUB }],
  ["codeberg.org", [GITHUB], { folder: FORGEJO, unread: GITHUB }],
  ["codeberg.org", [FORGEJO, GITHUB], { folder: FORGEJO }],
])("%s reads %j", (home, folders, expected) => {
  const tree = memoryTree(Object.fromEntries(folders.map((folder) => [`${folder}/a.yaml`, "on: push\n"])));
  expect(findFolder(tree, { home } as PublishJob)).toEqual(expected);
});
