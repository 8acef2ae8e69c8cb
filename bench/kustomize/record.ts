import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { canonical } from "./compare.ts";
import { caseOf, readFound } from "./found.ts";
import { Judge } from "./judge.ts";
import { digest, digestObjects, makeCases, type Recorded, recordedFile } from "./recorded.ts";

/** Records what the real kustomize says of 2,000 generated cases; to be run when the generator changes. */
const seed = 20_250;
const cases = makeCases(seed, 2000);
const judge = new Judge();
const answers = await judge.ask(cases);
const found = readFound();
for (const [index, answer] of (await judge.ask(found.map(caseOf))).entries()) {
  const { shows, objects } = found[index]!;
  if (canonical(answer.ok ? answer.objects : undefined) !== canonical(objects))
    console.log(`not so in kustomize: ${shows}`);
}
judge.close();
const recorded: Recorded = {
  seed,
  cases: digest(cases),
  answers: answers.map((one) => (one.ok ? digestObjects(one.objects) : "")),
};
writeFileSync(recordedFile, gzipSync(JSON.stringify(recorded), { level: 9 }));
console.log(`${answers.filter(({ ok }) => ok).length} of ${cases.length} cases build`);
