# SPDX-License-Identifier: MIT
"""
BTF wherever it comes from: raw, in a kernel, as link-vmlinux.sh takes it out
of one, split in a module, of a BPF object in either byte order; and broken at
random, when every byte must still be somewhere.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from btf import Btf, Maker, section_of, small
from elf import (ET_EXEC, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, STB_GLOBAL, STT_FUNC,
                 Elf)
from vmd import Results, load, run, sum_errors

results = Results()
directory = tempfile.TemporaryDirectory()


def write(name, data):
    path = os.path.join(directory.name, name)
    with open(path, "wb") as out:
        out.write(data)
    return path


def kernel(btf, order="little"):
    """A linked file with functions that BTF names, and much that it does not."""
    elf = Elf(type=ET_EXEC, order=order)
    base = 0xffffffff81000000
    text = elf.section(".text", b"\x55" * 0x200000, addr=base, align=4096,
                       flags=SHF_ALLOC | SHF_EXECINSTR)
    types = elf.section(".BTF", btf, addr=base + 0x200000, align=4096,
                        flags=SHF_ALLOC)
    data = elf.section(".data", b"\x01" * 0x100000, addr=base + 0x300000,
                       align=4096, flags=SHF_ALLOC | SHF_WRITE)
    elf.segment(text, types, paddr=0x1000000, align=4096)
    elf.segment(data, data, paddr=0x1300000, align=4096)
    elf.symbol("free_page", text, base, 64, STT_FUNC, STB_GLOBAL)
    elf.symbol("alloc_page", text, base + 64, 32, STT_FUNC, STB_GLOBAL)
    return elf.bytes()


def types_of(report, side="new"):
    return {row["type"]: row[side] and row[side]["file"] for row in report["rows"]}


def test_raw():
    for endian, word in ("<", "little"), (">", "big"):
        path = write(f"raw.{word}", small().pack(endian))
        report = load("show", "-b", "type", path)
        side = report["btf"]["new"]
        results.test(f"raw_{word}_endian_btf_is_an_image",
                     side["types"] == 8 and side["endian"] == word and
                     types_of(report)["STRUCT page"] == 36 + len("flags.next.")
                     and not sum_errors(report, {"new": path}), report)


def test_kernel():
    for order, endian in ("little", "<"), ("big", ">"):
        path = write(f"vmlinux.{order}", kernel(small().pack(endian), order))
        rows = load("show", "-b", "symbol,type", "-d", "file", path)["rows"]
        owned = {(row["symbol"], row["type"]) for row in rows if row["type"]}
        results.test(f"function_records_go_to_their_symbol_{order}",
                     ("free_page", "FUNC free_page") in owned and
                     (None, "STRUCT page") in owned, owned)
    twice = small()
    twice.add("STRUCT", "page", 16, [("flags", 1, 0), ("next", 0, 64)])
    old = write("old", kernel(small().pack()))
    new = write("new", kernel(twice.pack()))
    text = run(old, new).stdout.decode()
    results.test("the_first_screen_tells_of_copies",
                 "copies of types" in text and "STRUCT page" in text and
                 "member 2 `next' differs: struct page *, void" in text, text)
    results.test("the_first_screen_tells_the_limits",
                 "9 of the 1,048,575 that a kernel accepts" in text, text)
    ops = small()
    for kind in "STRUCT", "FWD":
        lapic = ops.add(kind, "lapic", 8 if kind == "STRUCT" else 0)
        pointer = ops.add("PTR", word=lapic)
        proto = ops.add("FUNC_PROTO", word=1, elements=[("cpu", 1), ("", pointer)])
        ops.add("STRUCT", "ops", 8, [("deliver", ops.add("PTR", word=proto), 0)])
    text = run(old, write("ops", kernel(ops.pack()))).stdout.decode()
    results.test("the_parameter_that_differs_is_told",
                 "member 1 `deliver', parameter 2 differs: struct lapic *, "
                 "declared-only lapic *" in text, text)
    same = run(old, old).stdout.decode()
    results.test("equal_btf_is_not_told_of", "copies of types" not in same, same)


def test_object():
    """scripts/link-vmlinux.sh, gen_btf(): objcopy, then ET_REL by hand."""
    path = write("vmlinux", kernel(small().pack()))
    for tool in "llvm-objcopy", "objcopy":
        if not shutil.which(tool):
            print(f"skip no {tool}")
            continue
        target = os.path.join(directory.name, f".btf.vmlinux.bin.o.{tool}")
        subprocess.run([tool, "--only-section=.BTF", "--set-section-flags",
                        ".BTF=alloc,readonly", "--strip-all", path, target],
                       check=True, stderr=subprocess.DEVNULL)
        with open(target, "r+b") as file:
            file.seek(16)
            file.write(b"\1")
        report = load("show", "-b", "type", target)
        side, size = report["btf"]["new"], os.path.getsize(target)
        results.test(f"{tool}_keeps_the_btf", side["types"] == 8 and
                     not sum_errors(report, {"new": target}), report)
        if tool == "llvm-objcopy":
            results.test("the_hole_is_told_from_the_btf",
                         size - 4096 < side["size"] + side["hole"] < size and
                         "hole around it" in run("show", target).stdout.decode(),
                         (size, side["size"], side["hole"]))


def test_split():
    base = small()
    module = Maker(base)
    pointer = module.add("PTR", word=2)
    module.add("STRUCT", "driver", 8, [("page", pointer, 0)])
    module.add("STRUCT", "page", 16, [("flags", 1, 0), ("next", pointer, 64)])
    path = write("module", module.pack())
    vmlinux = write("base", kernel(base.pack()))
    for name, file in ("raw", write("raw.base", base.pack())), ("vmlinux", vmlinux):
        report = load("show", "-b", "type", f"--btf-base={file}", path)
        side = report["btf"]["new"]
        results.test(f"split_btf_on_a_{name}", side["split"] and
                     not report["warnings"] and
                     side["all_types"] == 11 and side["copies"] == 2 and
                     {"STRUCT driver", "STRUCT page"} <= types_of(report).keys(),
                     report)
    report = load("show", "-b", "type", f"--add={vmlinux}", path)
    results.test("split_btf_on_a_vmlinux_of_its_set", not report["warnings"] and
                 "STRUCT page" in types_of(report), report)
    report = load("show", "-b", "type", f"--btf-base={path}", vmlinux)
    results.test("a_base_does_not_matter_to_whole_btf",
                 report["btf"]["new"]["copies"] == 0, report)
    report = load("show", "-b", "type", path)
    results.test("split_btf_without_its_base_is_a_warning",
                 any("--btf-base" in text for text in report["warnings"]) and
                 "STRUCT driver" in types_of(report) and
                 not sum_errors(report, {"new": path}), report)
    elf = Elf()
    elf.section(".BTF", module.pack(), flags=SHF_ALLOC)
    elf.section(".BTF.base", base.pack(), flags=SHF_ALLOC)
    report = load("show", "-b", "type", write("distilled.ko", elf.bytes()))
    results.test("split_btf_on_its_own_base", not report["warnings"] and
                 "STRUCT page" in types_of(report), report)
    for name, file in ("nothing", "/nonexistent"), ("no_btf", sys.executable):
        done = run("show", f"--btf-base={file}", path)
        results.test(f"a_base_that_is_{name}_is_an_error",
                     done.returncode == 2 and file.encode() in done.stderr,
                     done.stderr)


SOURCE = """
enum colour { RED, BLUE = 5 };
struct page { unsigned long flags; struct page *next; enum colour colour; int a : 3; };
unsigned int counter = 1;
static int __attribute__((noinline)) helper(struct page *page) { return page->flags; }
int work(struct page *page) { return helper(page) + counter; }
"""


def test_bpf():
    source = write("bpf.c", SOURCE.encode())
    for target, word in ("bpfel", "little"), ("bpfeb", "big"):
        path = os.path.join(directory.name, f"{target}.o")
        done = subprocess.run(["clang", "-target", target, "-O1", "-g", "-c", source,
                               "-o", path], check=False, capture_output=True) \
            if shutil.which("clang") else None
        if not done or done.returncode:
            print(f"skip no clang for {target}")
            continue
        report = load("show", "-b", "type", "-d", "file", path)
        groups, _ = Btf(section_of(path)).groups()
        ours = types_of(report)
        wrong = [key for key, (_, records, strings) in groups.items()
                 if ours.get(f"{key[0]} {key[1] or '(unnamed)'}") !=
                 records + strings]
        results.test(f"{word}_endian_bpf_object_is_as_decoded", not wrong, wrong)
        parts = {key for key in ours if key and key.startswith(".BTF.ext")}
        results.test(f"{word}_endian_btf_ext_has_its_tables",
                     {".BTF.ext func_info", ".BTF.ext line_info"} <= parts, parts)


def expected_at(decoded, at, base):
    """(kind, name, type id, member, string, users) of a byte."""
    at -= 24
    if at < 0:
        return "header", None, 0, None, None, 0
    for kind in decoded.types:
        if kind.first <= at // 4 < kind.first + kind.words:
            word, step = at // 4 - kind.first - 3, \
                {"STRUCT": 3, "ENUM": 2, "FUNC_PROTO": 2}.get(kind.kind)
            member = decoded.string(decoded.words[kind.first + 3 + word // step *
                                                  step]) \
                if step and word >= 0 else None
            return kind.kind, kind.name, kind.id + base, member, None, 0
    at -= 4 * len(decoded.words)
    start = decoded.strings.rfind(b"\0", 0, at) + 1
    users = [kind for kind in decoded.types if start and any(
        decoded.words[place] == start for place in kind.names)]
    first = users[0] if users else None
    return (first.kind if first else "unused strings" if start else "shared strings",
            first and first.name, first.id + base if first else 0, None,
            decoded.string(start), len(users))


def test_whose():
    data = small().pack()
    decoded, path = Btf(data), write("whose", data)
    places = [f".BTF+{at}" for at in range(len(data))]
    answers = json.loads(run("whose", "-f", "json", path, *places).stdout)
    ours = [tuple(answer["type"][key] for key in
                  ("kind", "name", "id", "member", "string", "users"))
            for answer in answers]
    wrong = [(at, *pair) for at, pair in enumerate(
        zip(ours, (expected_at(decoded, at, 0) for at in range(len(data)))))
        if pair[0] != pair[1]]
    results.test("whose_names_the_record_or_string_of_every_byte",
                 len(ours) == len(data) and not wrong, wrong[:5])
    path = write("whose.kernel", kernel(data))
    at = next(kind for kind in decoded.types if kind.name == "alloc_page").first * 4
    text = run("whose", path, f".BTF+{24 + at}").stdout.decode()
    results.test("whose_names_the_symbol_of_a_function_record",
                 "FUNC alloc_page, number 7" in text and
                 re.search(r"symbol +alloc_page$", text, re.M), text)
    base = small()
    module = Maker(base)
    module.add("STRUCT", "page", 8, [("own", 1, 0)])
    path, file = write("whose.ko", module.pack()), write("whose.base", base.pack())
    text = run("whose", f"--btf-base={file}", path, ".BTF+36", ".BTF+48").stdout.decode()
    results.test("whose_knows_names_of_the_base",
                 "STRUCT page, number 9, element 1 own" in text and
                 "string   own" in text, text)
    path_cut = write("cut", data[:38])
    cut = run("whose", path_cut, ".BTF+30").stdout.decode()
    results.test("btf_that_is_cut_off_is_not_taken_for_split",
                 not load("show", path_cut)["btf"]["new"]["split"])
    results.test("whose_tells_what_is_unreadable", "unreadable BTF" in cut, cut)


def test_broken():
    generator = random.Random(6)
    good, wrong = small().pack(), []
    for number in range(150):
        data = bytearray(good)
        for _ in range(generator.randrange(1, 6)):
            data[generator.randrange(2, len(data))] = \
                generator.choice((0, 1, 0x7f, 0xff, generator.randrange(256)))
        del data[generator.choice((len(data), generator.randrange(24, len(data)))):]
        path = write("broken", bytes(data))
        try:
            errors = sum_errors(load("show", "-b", "btf-kind", path), {"new": path})
        except RuntimeError as error:
            errors = [str(error)]
        wrong += [(number, errors)] if errors else []
    results.test("broken_btf_loses_no_byte", not wrong, wrong[:3])
    later = small()
    later.words[4 + 9 + 1] = 25 << 24  # of the third type, a pointer
    report = load("show", "-b", "btf-kind", write("later", later.pack()))
    results.test("an_unknown_kind_is_told_with_its_place",
                 any("kind 25" in text and "offset" in text
                     for text in report["warnings"]), report["warnings"])


test_raw()
test_kernel()
test_object()
test_split()
test_bpf()
test_whose()
test_broken()
directory.cleanup()
sys.exit(results.failed > 0)
