# SPDX-License-Identifier: MIT
"""
--help, the manual and the shells' completion say the same, because all are
made from one table.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from vmd import Results, run

results = Results()
MANUAL = "man/vmdelta.1"


def text(*arguments):
    return run(*arguments).stdout.decode()


def dimensions():
    words = text("--help").split("Dimensions:")[1].split("Exit")[0].split()
    return [word for word in words if word]


def test_help():
    lines = text("--help").splitlines()
    results.test("--help fits on a screen", len(lines) <= 50, len(lines))
    results.test("--help fits 80 columns", max(map(len, lines)) <= 80)
    results.test("--help begins with examples",
                 any(line.startswith("  vmdelta ") for line in lines[:4]))
    results.test("-h is --help", text("-h") == text("--help"))
    results.test("--help wins over what stands beside it",
                 text("-b", "symbol", "--help", "x") == text("--help"))
    results.test("-V names program and version",
                 re.fullmatch(r"vmdelta \d+\.\d+\.\d+\n", text("-V")))


def test_manual():
    with open(MANUAL, encoding="utf-8") as file:
        manual = file.read()
    listed = manual.split('.\\" options: begin')[1].split("\n", 1)[1]
    listed = listed.split('.\\" options: end')[0]
    results.test("the manual lists the program's options (make man-options)",
                 listed == text("--completion=mdoc"))
    described = set(re.findall(r"^\.It Ic (.*)$", manual, re.M))
    described = {name for names in described for name in names.split(" , Ic ")}
    missing = set(dimensions()) ^ described
    results.test("the manual describes the program's dimensions", not missing,
                 sorted(missing))
    with open("src/explain/cause.c", encoding="utf-8") as file:
        causes = re.findall(r"^\t\[CAUSE_\w+\] = \{\n\t\t\"(.*)\",$",
                            file.read(), re.M)
    described = re.findall(r'^\.It Em "?(.*?)"?$', manual, re.M)
    results.test("the manual describes the program's causes",
                 len(causes) > 20 and set(causes) == set(described),
                 sorted(set(causes) ^ set(described)))
    if not shutil.which("mandoc"):
        print("skip: no mandoc")
        return
    for name in MANUAL, "man/vmdelta.3":
        lint = subprocess.run(["mandoc", "-Tlint", "-Wall", name],
                              capture_output=True, check=False).stdout.decode()
        # Whether other manuals are installed is not the page's fault.
        lint = [line for line in lint.splitlines()
                if "referenced manual not found" not in line]
        results.test(f"mandoc has nothing to say about {name}", not lint, lint)


def complete_bash(script, *words):
    quoted = " ".join(f"'{word}'" for word in words)
    return subprocess.run(
        ["bash", "--norc", "-c", f"compopt() {{ :; }}; source '{script}'; "
         f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _vmdelta; "
         "printf '%s\\n' \"${COMPREPLY[@]}\""],
        capture_output=True, check=False).stdout.decode().split()


def type_into(shell, master, line, until):
    """Types a line; what the terminal shows until it holds a text."""
    os.write(master, line.encode())
    shown, end = "", time.monotonic() + 20
    while until not in shown and time.monotonic() < end and shell.poll() is None:
        if select.select([master], [], [], 0.2)[0]:
            shown += os.read(master, 65536).decode(errors="replace")
    return shown


def test_zsh(scratch, script):
    """In an interactive shell, as it is used: a file in $fpath, and TAB."""
    shutil.copy(script, os.path.join(scratch, "_vmdelta"))
    master, slave = pty.openpty()
    shell = subprocess.Popen(["zsh", "-f", "-i"], stdin=slave, stdout=slave,
                             stderr=slave, cwd=scratch, start_new_session=True,
                             env=dict(os.environ, TERM="vt100"))
    os.close(slave)
    ready = type_into(shell, master, f"fpath=('{scratch}' $fpath); autoload -Uz "
                      "compinit && compinit -u -D; echo REA''DY\n", "READY")
    results.test("zsh loads its completion", "READY" in ready and
                 "compinit:" not in ready, ready)
    for typed, want in (("vmdelta --format=j\t", "json"),
                        ("vmdelta -b section,sym\t", "bol"),
                        ("vmdelta --no-pa\t", "ger"),
                        ("vmdelta sho\t", "w")):
        shown = type_into(shell, master, typed, want)
        results.test(f"zsh completes {typed.strip()}", want in shown, shown)
        os.write(master, b"\x15")
    shell.kill()
    shell.wait()
    os.close(master)


def test_completion(scratch):
    scripts = {}
    for shell in "bash", "zsh", "fish":
        scripts[shell] = os.path.join(scratch, shell)
        with open(scripts[shell], "w", encoding="utf-8") as out:
            out.write(text(f"--completion={shell}"))
        if not shutil.which(shell):
            print(f"skip: no {shell}")
            continue
        done = subprocess.run([shell, "-n", scripts[shell]],
                              capture_output=True, check=False)
        results.test(f"{shell} reads its completion",
                     done.returncode == 0 and not done.stderr, done.stderr)
        for option in re.findall(r"--([a-z][a-z-]*)", text("--help")):
            with open(scripts[shell], encoding="utf-8") as file:
                if not re.search(rf"(--|-l ){option}\b", file.read()):
                    results.test(f"{shell} completes --{option}", False)
    script = scripts["bash"]
    for words, want in (
            (["--format", "=", "j"], ["json"]),
            (["--format", "="], ["text", "json", "csv", "markdown", "html",
                                 "bloat-o-meter"]),
            (["-b", "sym"], ["symbol"]),
            (["--by", "=", "section,sym"], ["section,symbol"]),
            (["--no-pa"], ["--no-pager"]),
            (["--form"], ["--format="]),
            (["sho"], ["show"])):
        got = complete_bash(script, "vmdelta", *words)
        results.test(f"bash completes {' '.join(words)}", got == want, got)
    if shutil.which("zsh"):
        test_zsh(scratch, scripts["zsh"])
    if shutil.which("fish"):
        got = subprocess.run(
            ["fish", "--no-config", "-c", f"source {scripts['fish']}; "
             "complete -C 'vmdelta -b section,sym'"],
            capture_output=True, check=False).stdout.decode().split("\t")[0]
        results.test("fish completes -b section,sym", got == "section,symbol",
                     got)


MISTAKES = {
    (): "give two builds",
    ("x",): "vmdelta show x",
    ("x", "y", "z"): "z: a third file",
    ("shwo", "x"): "did you mean 'vmdelta show'?",
    ("show",): "show: give one file",
    ("whose", "x"): "whose: give a file and a place",
    ("--formt=json", "x", "y"): "did you mean '--format'?",
    ("--ex", "x", "y"): "--exclude --explain --exact-names --exit-code",
    ("--banana", "x", "y"): "'--banana' is not known",
    ("-Z", "x", "y"): "'-Z' is not known",
    ("--quiet=1", "x", "y"): "'--quiet' takes no value",
    ("x", "y", "--by"): "--by: DIM[,DIM...] is missing",
    ("-b", "sectoin", "x", "y"): "did you mean 'section'?",
    ("-b", "", "x", "y"): "unknown dimension ''",
    ("-b", "section,", "x", "y"): "unknown dimension ''",
    ("--filter=(", "x", "y"): "bad expression '('",
    ("--exclude=sybmol:x", "x", "y"): "did you mean 'symbol'?",
    ("--fail-if=image", "x", "y"): "'image': no comparison",
    ("--fail-if=imge>1", "x", "y"): "did you mean 'image'?",
    ("--fail-if=clas:text>1", "x", "y"): "did you mean 'class:...'?",
    ("--fail-if=image>1Q", "x", "y"): "not a size",
    ("-d", "imge", "x", "y"): "did you mean 'image'?",
    ("-s", "groth", "x", "y"): "did you mean 'growth'?",
    ("-f", "jsn", "x", "y"): "did you mean 'json'?",
    ("-f", "bloatometer", "x", "y"): "did you mean 'bloat-o-meter'?",
    ("-n", "-3", "x", "y"): "'-3' is not a number of rows",
    ("-n", "3x", "x", "y"): "'3x' is not a number of rows",
    ("-n", "99999999999999999999", "x", "y"): "is not a number of rows",
    ("--image-limit=0", "x", "y"): "'0' is not a size",
    ("--image-limit=9E", "x", "y"): "'9E' is not a size",
    ("--image-limit=99999999999T", "x", "y"): "is not a size",
    ("--text", "x", "y"): "belong to --format=bloat-o-meter",
    ("--text", "--data", "-f", "bloat-o-meter", "x", "y"): "exclude each other",
    ("--exit-code", "show", "x"): "--exit-code compares two builds",
    ("--completion=csh",): "did you mean",
    ("-f", "csv", "whose", "x", "y"): "knows the formats text and json",
    ("--debug-file=/nonexistent", "x", "y"): "/nonexistent: No such file or "
                                             "directory (named by --debug-file)",
    ("--debug-file=,/nonexistent", "x", "y"): "named by --debug-file",
    ("--btf-base=/nonexistent", "x", "y"): "named by --btf-base",
    ("--config=/nonexistent", "x", "y"): "named by --config",
    ("--add=/nonexistent", "x", "y"): "named by --add",
    ("--ignore=/nonexistent", "x", "y"): "named by --ignore",
    ("x\x1b[31m\n",): "x\\x1b[31m\\x0a: one build",
}


def test_mistakes():
    for arguments, says in MISTAKES.items():
        done = run(*arguments)
        error = done.stderr.decode()
        results.test(f"mistake: {' '.join(arguments)!r}",
                     done.returncode == 2 and not done.stdout and
                     error.startswith("vmdelta: ") and says in error and
                     error.count("\n") == 1, (done.returncode, error))


def test_ignore(scratch):
    """Accepted growth is read before a build is: there are none here."""
    name = os.path.join(scratch, "accepted")
    for line, says in (("symbol:x 2030-01-01 why", ":1: no end date"),
                       ("symbol:x until 2030-01-01", ":1: no reason"),
                       ("( until 2030-01-01 why", ":1: bad expression '('"),
                       ("sybmol:x until 2001-01-01 why", ":1: unknown")):
        with open(name, "w", encoding="utf-8") as out:
            out.write(f"{line}\n")
        done = run(f"--ignore={name}", "x", "y")
        results.test(f"mistake in accepted growth: {line}",
                     done.returncode == 2 and
                     f"{name}{says}" in done.stderr.decode() and
                     not done.stdout, done.stderr)


test_help()
test_manual()
test_mistakes()
with tempfile.TemporaryDirectory() as directory:
    test_completion(directory)
    test_ignore(directory)
sys.exit(1 if results.failed else 0)
