# SPDX-License-Identifier: MIT
"""
Every file of testdata/malformed is what its recipe makes, and gives a report
whose sums hold or a clear error; no format hands a control character to the
terminal, nor do messages.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from vmd import Results, run, sum_errors

results = Results()
FOLDER = "testdata/malformed"
REPORTS = (("-f", "text"), ("-f", "text", "-b", "section,symbol", "-n0"), ("-f", "json"),
           ("-f", "csv"), ("-f", "markdown"), ("-f", "html"), ("-f", "bloat-o-meter"),
           ("-f", "text", "--explain"), ("-f", "json", "-b", "unit,inlinee"),
           ("-f", "text", "-b", "btf-kind,type", "-d", "file"))
#  control characters but newline and tab, C1 too, and what turns the direction
SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def wrong_report(path, arguments):
    commands = [("show", *arguments, path)] if "bloat-o-meter" not in arguments else []
    for command in (*commands, (*arguments, path, path)):
        done = run(*command, timeout=60)
        if done.returncode not in (0, 2):
            return f"{command}: exit {done.returncode}: {done.stderr[-500:]}"
        for text in done.stdout, done.stderr:
            text = text.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
            if "json" not in arguments and "html" not in arguments and \
                    "csv" not in arguments and SHOWN.search(text):
                return f"{command}: {SHOWN.search(text)}"
            if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\udc80-\udcff]", text):
                return f"{command}: a control character or a stray byte"
        if done.returncode == 2 and not re.fullmatch(rb"vmdelta: [^\n]+\n", done.stderr):
            return f"{command}: {done.stderr!r}"
        if "json" in arguments and not done.returncode and command[0] == "show":
            errors = sum_errors(json.loads(run("show", "-n0", *arguments, path).stdout),
                                {"new": path})
            if errors:
                return f"{command}: {errors}"
    return ""


def test_recipes():
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, f"{FOLDER}/make.py", directory], check=True)
        made = {name: open(os.path.join(directory, name), "rb").read()
                for name in os.listdir(directory)}
    kept = {os.path.basename(path): open(path, "rb").read()
            for path in glob.glob(f"{FOLDER}/*") if not path.endswith((".py", "__pycache__"))}
    results.test("malformed_files_are_what_their_recipes_make", made == kept,
                 sorted(name for name in {*made, *kept} if made.get(name) != kept.get(name)))


test_recipes()
for file in sorted(glob.glob(f"{FOLDER}/*")):
    if file.endswith((".py", "__pycache__")):
        continue
    problem = next(filter(None, (wrong_report(file, arguments) for arguments in REPORTS)), "")
    results.test(f"{os.path.basename(file)}_is_refused_or_shown_safely", not problem, problem)
sys.exit(1 if results.failed else 0)
