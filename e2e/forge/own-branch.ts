import { Faults, readComments, readStatuses } from "./checks.ts";
import { takePicture } from "./picture.ts";
import type { World } from "./world.ts";

const LIST = "kubernetes/apps/media/kustomization.yaml";

/** A branch of the team takes a release out, is mended and pushed over; then the forge refuses the token. */
export async function tryOwnBranch(world: World): Promise<string[]> {
  const faults = new Faults();
  const dir = world.clone("acme", "own", world.owner);
  world.git(dir, "rm", "-q", "-r", "kubernetes/apps/media/player");
  const first = world.push(dir, "own");
  const pull = await world.openPull(world.owner, "own");
  const secrets = { FLUXLIFT_TOKEN: world.bot };

  const broken = await world.runWorkflows("own-1", pull, { secrets });
  faults.expect(broken.status === 1, "a harmful change fails the job", broken.log.slice(-2000));
  faults.expect(!broken.log.includes(world.bot), "the token is nowhere in the log");
  const [comment, ...others] = await readComments(world, pull);
  if (world.picture && comment) await takePicture(world.gitea, world.owner, comment, world.picture);
  faults.expect(comment?.author === "fluxlift-bot" && others.length === 0, "there is one comment, by the bot", others);
  faults.expect(comment?.body.includes("# fluxlift: not safe to merge") === true, "it has the verdict", comment);
  faults.expect(comment?.body.includes("kubernetes/apps/media/") === true, "it has the place", comment);
  faults.expect(comment?.body.includes(first) === true, "it has the commit", comment);
  faults.expect(
    (await readStatuses(world, first)).join() === "failure",
    "the status is red",
    await readStatuses(world, first),
  );

  const readBody = async () => (await readComments(world, pull)).find(({ id }) => id === comment?.id)?.body;
  const forged = { body: comment?.body.replace("not safe", "safe") ?? "" };
  await world.gitea.ask(world.stranger, "POST", `/repos/acme/fleet/issues/${pull}/comments`, forged);

  // Everything is as on main but for one page, in a commit that replaces the first one.
  world.git(dir, "reset", "-q", "--hard", "origin/main");
  world.write(dir, { "README.md": "Hello\n" });
  const second = world.push(dir, "own");
  const mended = await world.runWorkflows("own-2", pull, { secrets });
  faults.expect(mended.status === 0, "a harmless change passes the job", mended.log.slice(-2000));
  const after = await readComments(world, pull);
  faults.expect(after.length === 2, "there is no further comment", after.length);
  const edited = after.find(({ id }) => id === comment?.id);
  faults.expect(edited?.body.includes("# fluxlift: safe to merge") === true, "the first one is edited", edited);
  faults.expect(
    edited?.body.includes(second) === true && !edited.body.includes(first),
    "it has the new commit",
    edited,
  );
  const copy = after.find(({ author }) => author === "stranger");
  faults.expect(copy?.body.trim() === forged.body.trim(), "a forged comment is left alone", copy);
  faults.expect((await readStatuses(world, second)).join() === "success", "the status is green");

  const late = await world.runWorkflows("own-late", pull, { secrets, at: first });
  faults.expect(late.log.includes("it stays"), "a run that ends late leaves the newer answer", late.log.slice(-2000));
  faults.expect((await readBody())?.includes(second) === true, "and the comment is still about the newer commit");

  world.write(dir, { [LIST]: "resources: [gone.yaml]\n" });
  const third = world.push(dir, "own");
  const refused = await world.runWorkflows("own-3", pull, { secrets: { FLUXLIFT_TOKEN: "0".repeat(40) } });
  faults.expect(refused.status === 1, "the verdict stands where the token is refused", refused.log.slice(-2000));
  faults.expect(/was not written: answer 401/.test(refused.log), "the refusal is said", refused.log.slice(-2000));
  faults.expect((await readStatuses(world, third)).length === 0, "nothing was written with it");
  const down = { secrets, env: { FLUXLIFT_API_URL: "http://127.0.0.1:59998/api/v1" } };
  const alone = await world.runWorkflows("own-4", pull, down);
  faults.expect(alone.status === 1, "the verdict stands where the forge is down", alone.log.slice(-2000));
  faults.expect(/was not written: .*ECONNREFUSED/.test(alone.log), "and that is said", alone.log.slice(-2000));

  const early = await world.runWorkflows("own-5", pull, { secrets, at: second });
  faults.expect(
    early.status === 0,
    "a commit that is not the last one any more has its verdict",
    early.log.slice(-2000),
  );
  const old = await readBody();
  faults.expect(old?.includes("**Out of date.**") === true, "the comment says that it is out of date", old);
  return faults.list;
}
