# SPDX-License-Identifier: MIT
"""
C++ and Rust names are shown plainly to people, and as they are to programs;
--filter sees them as they are.
"""

import json
import sys
import tempfile

from elf import SHF_ALLOC, SHF_EXECINSTR, STB_GLOBAL, STT_FUNC, Elf
from vmd import Results, run

results = Results()
MANGLED = "_ZN6kernel4page3mapEiPKc"
PLAIN = "kernel::page::map(int, char const*)"


def write(path, size):
    elf = Elf()
    text = elf.section(".text", b"\x01" * size, flags=SHF_ALLOC | SHF_EXECINSTR)
    elf.symbol(MANGLED, text, 0, size, STT_FUNC, STB_GLOBAL)
    with open(path, "wb") as out:
        out.write(elf.bytes())


def main():
    with tempfile.TemporaryDirectory() as scratch:
        pair = f"{scratch}/old", f"{scratch}/new"
        write(pair[0], 16)
        write(pair[1], 48)

        def text(*arguments):
            return run(*arguments, *pair).stdout.decode()

        if PLAIN not in text("-b", "symbol"):
            print("skip: built without libiberty")
            return
        for name, arguments in (("the first screen", []),
                                ("a table", ["-b", "symbol"]),
                                ("Markdown", ["-f", "markdown"])):
            results.test(f"{name} shows names plainly",
                         PLAIN in text(*arguments) and
                         MANGLED not in text(*arguments), text(*arguments))
            results.test(f"{name} obeys --no-demangle",
                         MANGLED in text("--no-demangle", *arguments) and
                         PLAIN not in text("--no-demangle", *arguments))
        for name in "json", "csv", "bloat-o-meter":
            shown = text("-f", name, "-b", "symbol")
            results.test(f"{name} has names as they are",
                         MANGLED in shown and PLAIN not in shown, shown)
        found = json.loads(text("-f", "json", "-b", "symbol",
                                f"--filter=symbol:^{MANGLED}$"))
        results.test("--filter sees names as they are",
                     len(found["rows"]) == 1, found)
        whose = run("whose", pair[1], MANGLED).stdout.decode()
        results.test("whose shows names plainly", PLAIN in whose, whose)


main()
sys.exit(1 if results.failed else 0)
