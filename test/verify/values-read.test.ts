import { describe, expect, test } from "vitest";
import { findNear } from "../../src/admission/near.ts";
import { isQuantity, parseQuantity } from "../../src/admission/quantity.ts";
import { isSchedule } from "../../src/admission/schedule.ts";

describe("a schedule, as robfig/cron reads it", () => {
  test.each([
    ...["* * * * *", "0 0 1 1 0", "59 23 31 12 6", "*/5 * * * *", "0/15 * * * *", "1-5 1-5 1-5 1-5 1-5", "? ? ? ? ?"],
    ...["1,2,3 * * * *", "1,,3 * * * *", "0 0 * jan sun", "0 0 * JAN-Dec Mon-SAT", "5-5 * * * *", "1-10/2 * * * *"],
    ...["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly", "@every 1h30m"],
    ...[" 0 0 * * * ", "0\t0 *  * *", "0 0 * Feb-Mar,apr,may,jun Tue-Wed,thu-fri", "0 0 * jul,aug,sep,oct,nov mon"],
  ])("takes %j", (text) => {
    expect(isSchedule(text)).toBe(true);
  });

  test.each([
    ...["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *"],
    ...["* * * * 7", "5-1 * * * *", "1-60 * * * *", "1-2-3 * * * *", "*/0 * * * *", "*/x * * * *", "*/1/2 * * * *"],
    ...[
      "0,60 * * * *",
      "60,0 * * * *",
      "*/1x * * * *",
      "*/x1 * * * *",
      "-1 * * * *",
      "x * * * *",
      "jan * * * *",
      "* * * sun *",
      "1x * * * *",
      "x1 * * * *",
      "1- * * * *",
    ],
    ...["@reboot", "@every", "@every ", "@dailyish", "x@daily", "daily"],
  ])("refuses %j", (text) => {
    expect(isSchedule(text)).toBe(false);
  });
});

describe("an amount", () => {
  test.each<[text: unknown, value: number | undefined]>([
    ["1", 1],
    [5, 5],
    ["+2", 2],
    ["-2", -2],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["1500m", 1.5],
    ["2k", 2000],
    ["3M", 3e6],
    ["3Mi", 3 * 2 ** 20],
    ["1G", 1e9],
    ["1T", 1e12],
    ["1Ti", 2 ** 40],
    ["1P", 1e15],
    ["1Pi", 2 ** 50],
    ["1E", 1e18],
    ["1Ei", 2 ** 60],
    ["1Ki", 1024],
    ["1e3", 1000],
    ["1e12", 1e12],
    ["1.25Mi", 1.25 * 2 ** 20],
    ["x1", undefined],
    ["1E-3", 0.001],
    ["", undefined],
    ["Gi", undefined],
    ["1 Gi", undefined],
    ["1Xi", undefined],
    ["1toString", undefined],
    ["${SIZE}", undefined],
    [undefined, undefined],
    [null, undefined],
  ])("%s is %s", (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test.each([0, 10, "1n", "1u", "1m", "1k", "1Ki", "1E", "1Ei", "1.", ".5", "-1.5Gi", "1e3", "1E+3", "1e10", ".25"])(
    "%s is one",
    (text) => {
      expect(isQuantity(text)).toBe(true);
    },
  );

  test.each(["", ".", "1K", "1ki", "1mi", "1ni", "Gi", "1 Gi", "1GiB", "x1", "1e", "1e3Gi", "--1", null])(
    "%s is none",
    (text) => {
      expect(isQuantity(text)).toBe(false);
    },
  );
});

describe("a name that a typo makes of another", () => {
  test.each<[name: string, other: string]>([
    ["cluster-setting", "cluster-settings"],
    ["cluster-settingss", "cluster-settings"],
    ["cluster-zettings", "cluster-settings"],
    ["luster-settings", "cluster-settings"],
    ["cluster-settnigs", "cluster-settings"],
    ["lcuster-settings", "cluster-settings"],
    ["cluster-settinsg", "cluster-settings"],
    ["bananas", "banana"],
    ["banana", "bananaa"],
  ])("%s for %s", (name, other) => {
    expect(findNear(name, ["another", other])).toBe(other);
  });

  test.each<[name: string, other: string]>([
    ["cluster-settings", "cluster-settings"],
    ["cluster-settings", "cluster-secrets"],
    ["cluster-settings", "cluster-setti"],
    ["cluster-sxttxngs", "cluster-settings"],
    ["cluster-setnigst", "cluster-settings"],
    ["dragon-1", "dragon-2"],
    ["dragon", "dragon1"],
    ["short", "shor"],
    ["abcdef", "badcef"],
    ["cluster-settings", "cluster-seXings"],
    ["cluster-seXings", "cluster-settings"],
    ["dragons", "drgxons"],
    ["dragons", "drxaons"],
    ["dragona", "dragon1"],
  ])("not %s for %s", (name, other) => {
    expect(findNear(name, [other])).toBeUndefined();
  });

  test("digits count where that is said, and short names", () => {
    expect(findNear("dragon-1", ["dragon-2"], { digits: true })).toBe("dragon-2");
    expect(findNear("abc", ["abd"], { short: 3 })).toBe("abd");
    expect(findNear("ab", ["ac"], { short: 3 })).toBeUndefined();
    expect(findNear("sixsix", ["sixsiy", "sixsiz"])).toBe("sixsiy");
  });
});
