# SPDX-License-Identifier: MIT
"""
Functions that have another name in the new build and the same bytes are paired
where the files are relocatable: by what relocations do not change, and only
where no other function has the same.
"""

import os
import subprocess
import tempfile

from vmd import Results, load

results = Results()
scratch = tempfile.TemporaryDirectory()
BODY = """
extern int call(int);
static volatile int {before}NUMBER[16], cellsNUMBER[16];
__attribute__((section("{section}"))) int {name}(int a)
{{
	int sum = {start};
	for (int i = 0; i < a; i++)
		sum += call(i) * cellsNUMBER[i & 3] + a;
	return sum ^ call(sum) ^ {before}NUMBER[0];
}}
"""
USUAL = {"before": "here", "section": ".text", "name": "was_so", "start": 1}


def compiled(side, target, *bodies):
    path = os.path.join(scratch.name, side)
    with open(path + ".c", "w", encoding="utf-8") as out:
        for number, body in enumerate(bodies):
            out.write(BODY.format(**{**USUAL, **body}).replace("NUMBER", str(number)))
    subprocess.run(["clang", f"--target={target}", "-O2", "-fno-pic", "-c", "-o", path,
                    path + ".c"], check=True)
    return path


def pairs(target, old, new):
    """The function of each new name."""
    report = load("-b", "level,symbol", compiled("old", target, *old),
                  compiled("new", target, *new))
    return {row["symbol"]: row["old"]["name"] for row in report["rows"]
            if row["level"] == "renamed" and row["old"] and "name" in row["old"]}


FIRST = {"name": "first", "start": 77, "section": ".init.text"}
for target in "x86_64-linux-gnu", "i386-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabi":
    # The new one lies elsewhere and refers to another place: i386 and Arm keep
    # that in the code's bytes.
    got = pairs(target, [{}], [FIRST, {"name": "is_so", "before": "there"}])
    results.test(f"{target}: a renamed function is known by its bytes",
                 got == {"is_so": "was_so"}, got)
    got = pairs(target, [{}], [{"name": "is_so", "start": 77}])
    results.test(f"{target}: another constant is another function", not got, got)
    got = pairs(target, [{}], [{"name": "is_so"}, {"name": "or_so"}])
    results.test(f"{target}: one of two equal functions is not chosen", not got, got)
