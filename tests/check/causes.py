# SPDX-License-Identifier: MIT
"""
Pairs of builds that differ in one known way: the first cause of the report is
that way, its bytes are what the sections say, within 2 %, and all causes sum
to the totals.
"""

import os
import shutil
import struct
import subprocess
import tempfile

from vmd import Results, load, part, run, sum_errors

results = Results()
scratch = tempfile.TemporaryDirectory()
SOURCES = os.path.abspath("testdata/causes")
BASE = ["-ffreestanding", "-fno-pic", "-fno-stack-protector", "-w",
        "-fno-asynchronous-unwind-tables", "-fcf-protection=none"]
LINK = ["-nostdlib", "-static", "-no-pie", "-Wl,-e,start", "-Wl,--build-id=none"]


def path(name):
    return os.path.join(scratch.name, name)


def tool(*command):
    subprocess.run(command, check=True, cwd=SOURCES, capture_output=True)


def build(name, source, *flags, compiler="gcc"):
    """Links one source file; returns the path."""
    tool(compiler, *BASE, "-O2", *flags, *LINK, "-o", path(name), source)
    return path(name)


def partial(name, *flags, link=()):
    """As the kernel makes vmlinux.o: all objects in one, everything kept."""
    objects = []
    for source in "lib.c", "user.c":
        objects.append(path(f"{name}.{source}.o"))
        tool("clang", *BASE, "-O2", "-g", *flags, "-c", "-o", objects[-1],
             source)
    tool("ld.lld", "-r", "-o", path(name), *objects, *link)
    return path(name)


def sections(file, *names):
    """Sum of the sizes of sections, as readelf prints them."""
    listing = subprocess.run(["readelf", "-SW", file], check=True, text=True,
                             capture_output=True).stdout
    total = 0
    for line in listing.splitlines():
        words = line.replace("[ ", "[").split()
        if len(words) > 5 and words[0].startswith("[") and \
                any(words[1] == n or (n.endswith("*") and
                    words[1].startswith(n[:-1])) for n in names):
            total += int(words[5], 16)
    return total


def code(file):
    """Bytes of functions, fill between them aside."""
    listing = subprocess.run(["readelf", "-sW", file], check=True, text=True,
                             capture_output=True).stdout
    return sum(int(words[2], 0) for words in map(str.split, listing.splitlines())
               if len(words) > 7 and words[3] == "FUNC")


def check(name, old, new, cause, expected, field="content"):
    """`expected`: bytes of difference that the files themselves tell."""
    report = load("-b", "cause", old, new)
    rows = {row["cause"]: part(row, "new", field) - part(row, "old", field)
            for row in report["rows"]}
    first = max(rows, key=lambda key: abs(rows[key]), default=None)
    results.test(f"{name}: the first cause is {cause}", first == cause, rows)
    got = rows.get(cause, 0)
    results.test(f"{name}: its bytes are what the sections say",
                 abs(got - expected) <= max(2, 0.02 * abs(expected)),
                 f"{got}, expected {expected}: {rows}")
    errors = sum_errors(report, {"old": old, "new": new})
    results.test(f"{name}: causes sum to the totals", not errors, errors)
    return report


def growth(measure, old, new, *arguments):
    return measure(new, *arguments) - measure(old, *arguments)


def made_inline():
    old = build("inline.old", "inline.c", "-g")
    new = build("inline.new", "inline.c", "-g", "-DINLINE")
    report = check("a function made inline", old, new, "inlined away",
                   growth(code, old, new))
    results.test("inlining is known where DWARF is", report["inlining"])
    report = load("-b", "cause,inlinee", old, new)
    rows = [row for row in report["rows"] if row["inlinee"] == "scramble"]
    results.test("its story is told under its name",
                 [row["cause"] for row in rows] == ["inlined away"], rows)
    # The same without DWARF: no inlining to be known, and that is said.
    stripped = []
    for file in old, new:
        tool("strip", "-g", "-o", file + ".plain", file)
        stripped.append(file + ".plain")
    report = load("-b", "cause", *stripped)
    causes = {row["cause"] for row in report["rows"]}
    results.test("without DWARF nothing is called inlined",
                 not report["inlining"] and
                 not any("inlined" in (cause or "") for cause in causes),
                 causes)
    text = run(*stripped).stdout.decode()
    results.test("and the report says so", "no DWARF" in text, text)


def origins():
    """Functions of a header, of an included .c file and of the unit itself."""
    inline = "static inline __attribute__((always_inline)) int "
    for name, text in (
            ("twice.h", inline + "twice(int x) { return x * port + 2; }"),
            ("thrice.c", inline + "thrice(int x) { return x - port * 3; }"),
            ("unit.c", "extern volatile int port;\nvolatile int port;\n"
             '#include "twice.h"\n#include "thrice.c"\n' + inline +
             "once(int x) { return port ^ x; }\n"
             "int start(void) { return once(twice(thrice(port))); }")):
        with open(path(name), "w", encoding="utf-8") as out:
            out.write(text + "\n")
    file = build("origins", path("unit.c"), "-g")
    rows = {row["inlinee"]: (row["declared"], row["home"])
            for row in load("show", "-b", "inlinee", file)["rows"]
            if row["inlinee"]}
    rows = {name: tuple(text and os.path.basename(text) for text in pair)
            for name, pair in rows.items()}
    results.test("an inlined function has the file that declares it, and its "
                 "home unit unless that is a header's",
                 rows == {"twice": ("twice.h", None),
                          "thrice": ("thrice.c", "unit.c"),
                          "once": ("unit.c", "unit.c")}, rows)
    text = run("show", "-b", "symbol,inlinee", file).stdout.decode()
    results.test("and the text says both", "thrice.c of " in text and
                 "twice.h\n" in text, text)


def optimized():
    old = build("loops.old", "loops.c", "-fno-tree-vectorize")
    new = build("loops.new", "loops.c", "-O3")
    check("-O3", old, new, "own code", growth(code, old, new))


def larger_table():
    old = build("table.old", "table.c")
    new = build("table.new", "table.c", "-DENTRIES=4096")
    check("a table doubled", old, new, "data", 8192)


def thin_lto():
    old = partial("thin.old")
    new = partial("thin.new", "-flto=thin",
                  link=("-mllvm", "-import-instr-limit=2000",
                        "-mllvm", "-inline-threshold=20000"))
    check("ThinLTO", old, new, "inlined from another unit",
          growth(code, old, new))
    text = run(old, new).stdout.decode()
    results.test("ThinLTO: the first screen names what was inlined",
                 "checksum" in text and "inlined from another unit" in text,
                 text)


def landing_pads():
    old = build("pads.old", "pads.c")
    new = build("pads.new", "pads.c", "-fcf-protection=branch")
    check("-fcf-protection", old, new, "cfi", growth(code, old, new))


def aligned():
    old = build("align.old", "pads.c")
    new = build("align.new", "pads.c", "-falign-functions=64")
    check("-falign-functions=64", old, new, "padding",
          growth(sections, old, new, ".text"), field="image")


def debug_info():
    old = build("debug.old", "inline.c")
    new = build("debug.new", "inline.c", "-g")
    report = load("-b", "cause", "-d", "file", old, new)
    rows = {row["cause"]: part(row, "new", "file") - part(row, "old", "file")
            for row in report["rows"]}
    first = max(rows, key=lambda key: abs(rows[key]))
    results.test("-g: the first cause is debug information",
                 first.startswith("debug: "), rows)
    got = sum(rows[key] for key in rows if key.startswith("debug: "))
    results.test("-g: its bytes are the debug sections",
                 got == growth(sections, old, new, ".debug_*"), rows)


def btf(copies):
    """BTF with `copies` of each of 200 structs, each of its own member."""
    strings, types = b"\0int\0", struct.pack("<IIII", 1, 1 << 24, 4, 32)
    for number in range(200):
        name = len(strings)
        strings += b"type_%d\0member_%d\0" % (number, number)
        member = name + len(b"type_%d\0" % number)
        for _ in range(copies):
            types += struct.pack("<III", name, 4 << 24 | 1, 4)
            types += struct.pack("<III", member, 1, 0)
    return struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types),
                       len(types), len(strings)) + types + strings


def with_btf(name, copies):
    plain = build("btf.plain", "table.c")
    with open(path("btf.bin"), "wb") as out:
        out.write(btf(copies))
    tool("objcopy", "--add-section", f".BTF={path('btf.bin')}", plain,
         path(name))
    return path(name)


def btf_doubled():
    old, new = with_btf("btf.old", 1), with_btf("btf.new", 2)
    check("BTF doubled", old, new, "BTF copies",
          growth(sections, old, new, ".BTF"), field="file")


def kcfi():
    compiler = next((name for name in map("clang-{}".format, range(30, 15, -1))
                     if shutil.which(name)), None)
    if not compiler:
        print("skip kCFI: no clang-16 or newer")
        return
    old = build("kcfi.old", "pads.c", compiler=compiler)
    new = build("kcfi.new", "pads.c", "-fsanitize=kcfi", compiler=compiler)
    check("kCFI", old, new, "cfi", growth(code, old, new))


if os.uname().machine != "x86_64":
    print("skip causes: the pairs are made for x86-64")
else:
    for pair in (made_inline, origins, optimized, larger_table, thin_lto,
                 landing_pads, aligned, debug_info, btf_doubled, kcfi):
        try:
            pair()
        except (subprocess.CalledProcessError, RuntimeError) as error:
            results.test(f"{pair.__name__} can be built and compared", False,
                         f"{error} {getattr(error, 'stderr', b'')}")
