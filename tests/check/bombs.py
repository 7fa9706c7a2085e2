# SPDX-License-Identifier: MIT
"""
Small files that ask for much (tests/lib/traps.py): four times as large a file
may cost seven times the instructions, not sixteen, and what only claims to be
large costs no memory. Instructions are counted by valgrind: they are the same
on a slow machine. Builds with other instructions (sanitizers, coverage) only
have to come to an end with each.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

import traps
from vmd import VMDELTA, Results

results = Results()
scratch = tempfile.TemporaryDirectory()
GROWTH = 7         # times the instructions for four times the file
INSTRUCTIONS = 1500  # a byte of the file, at most
ALL = ("-d", "file", "-b", "section,symbol,inlinee")
DIRS = ("-d", "file", "-f", "json", "-b", "dir,unit")
SCREEN = ()

# Maker, its number (four times of it is tried, too), and the reports to make.
TRAPS = (
    ("deep_tree", 20000, (ALL,)),
    ("deep_inlining", 5000, (ALL,)),
    ("wide_inlining", 5000, (ALL,)),
    ("origin_chain", 2000, (ALL,)),
    ("shared_abbreviations", 3000, (ALL,)),
    ("nested_abbreviations", 1000, (ALL,)),
    ("indirect_forms", 20000, (ALL,)),
    ("many_attributes", 10000, (ALL,)),
    ("shared_ranges", 5000, (ALL,)),
    ("units_of_one_range_list", 1500, (DIRS,)),
    ("shared_lines", 2000, (ALL,)),
    ("tails_of_one_name", 5000, (ALL,)),
    ("inlinees_of_one_string", 5000, (ALL,)),
    ("deep_directories", 1000, (DIRS,)),
    ("overlapping_sections", 1000, (ALL, SCREEN)),
    ("nested_sections", 5000, (ALL,)),
    ("overlapping_segments", 2000, (ALL,)),
    ("overlapping_symbols", 2000, (ALL,)),
    ("overlapping_pair", 500, (SCREEN,)),
    ("aliases", 5000, (ALL,)),
    ("relocation_sections", 5000, (ALL,)),
    ("overlapping_relocations", 2000, (ALL,)),
    ("names_of_one_string", 5000, (ALL,)),
    ("sections_of_one_string", 2000, (ALL,)),
    ("long_name", 1000000, (ALL,)),
    ("equal_names", 2000, (SCREEN,)),
    ("equal_names_in_files", 1000, (SCREEN,)),
    ("equal_contents", 2000, (SCREEN,)),
    ("equal_module_keys", 1000, (SCREEN,)),
    ("clones_of_clones", 500, (SCREEN,)),
    ("children_of_one", 1000, (SCREEN,)),
    ("btf_pointers", 10000, (ALL,)),
    ("btf_names_of_one_string", 10000, (ALL,)),
    ("btf_equal_types", 10000, (ALL,)),
    ("btf_equal_structs", 10000, (ALL,)),
    ("btf_wide_struct", 10000, (ALL,)),
)

# Maker, number, and how many MB the program may take at most.
CLAIMS = (
    ("compressed_to_a_terabyte", 0, 32),
    ("symbols_of_2_to_32", 0, 32),
    ("sections_of_2_to_32", 0, 32),
    ("bss_of_2_to_63", 0, 32),
    ("compressed_well", 1 << 29, 600),
    ("deep_tree", 1 << 20, 64),
    ("deep_inlining", 1 << 20, 256),
    ("overlapping_sections_2", 1 << 20, 512),
    ("long_name", 100_000_000, 320),
)


def write(name, count):
    made = getattr(traps, name)(count)
    paths = []
    for number, data in enumerate((made,) if isinstance(made, bytes) else made):
        paths.append(os.path.join(scratch.name, f"{name}.{count}.{number}"))
        with open(paths[-1], "wb") as out:
            out.write(data)
    return paths


def command(arguments, paths):
    return [VMDELTA, *(("show",) if len(paths) == 1 else ()), *arguments, *paths]


def instructions(arguments, paths):
    """How many the program takes; its report has to come to an end."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}",
         *command(arguments, paths)], capture_output=True, check=False,
        timeout=600)
    error = done.stderr.decode(errors="replace")
    counted = re.search(r"Collected\s*:\s*(\d+)", error)
    if done.returncode or not counted:
        raise RuntimeError(f"exit {done.returncode}: {error[-500:]}")
    return int(counted.group(1))


def test_trap(name, count, arguments):
    test = f"{name}_{'_'.join(arguments[-1:]) or 'first_screen'}_is_linear"
    try:
        small, large = write(name, 16), write(name, 4 * count)
        size = sum(map(os.path.getsize, large))
        base, many = (instructions(arguments, paths) for paths in (small, large))
        middle = write(name, count)
        few = instructions(arguments, middle)
        for path in small + middle + large:
            os.unlink(path)
    except RuntimeError as error:
        results.test(test, False, error)
        return
    growth = (many - base) / max(few - base, 1000000)
    each = (many - base) / size
    results.test(test, growth <= GROWTH and each <= INSTRUCTIONS,
                 f"{few:,} instructions, then {many:,}: {growth:.1f} times; "
                 f"{each:.0f} for each of {size:,} bytes")
    if os.environ.get("VMDELTA_FIGURES"):
        print(f"    {test}: {few:,} then {many:,}, {growth:.1f} times, "
              f"{each:.0f} a byte")


def test_end(name, count, arguments):
    """Under sanitizers, which look for what else goes wrong on the way."""
    paths = write(name, count)
    done = subprocess.run(command(arguments, paths), capture_output=True, check=False,
                          timeout=300)
    for path in paths:
        os.unlink(path)
    results.test(f"{name}_{'_'.join(arguments[-1:]) or 'first_screen'}_ends",
                 done.returncode == 0 and not done.stderr,
                 f"exit {done.returncode}: {done.stderr[-2000:]}")


def test_claim(name, count, megabytes):
    paths = write(name, count)

    def limit():
        # Only against a test that never ends.
        resource.setrlimit(resource.RLIMIT_CPU, (120, 120))

    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command(ALL, paths), stdout=out, stderr=out,
                                 preexec_fn=limit)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    for path in paths:
        os.unlink(path)
    used = usage.ru_maxrss >> 10
    results.test(f"{name}_of_{count}_takes_at_most_{megabytes}_MB",
                 child.returncode in (0, 2) and used <= megabytes,
                 f"exit {child.returncode}, {used} MB")
    if os.environ.get("VMDELTA_FIGURES"):
        print(f"    {name}({count}): {used} MB, {usage.ru_utime:.1f} s, "
              f"exit {child.returncode}")


def main():
    only = sys.argv[1:]
    if any(word in os.environ["BUILD"] for word in ("asan", "tsan", "coverage")):
        for name, count, reports in TRAPS:
            for arguments in reports if not only or name in only else ():
                test_end(name, count, arguments)
        return
    for name, count, megabytes in CLAIMS:
        if not only or name in only:
            test_claim(name, count, megabytes)
    if not shutil.which("valgrind"):
        print("skip: no valgrind, no instructions")
        return
    for name, count, reports in TRAPS:
        for arguments in reports if not only or name in only else ():
            test_trap(name, count, arguments)


main()
sys.exit(1 if results.failed else 0)
