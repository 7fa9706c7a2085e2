# SPDX-License-Identifier: MIT
"""
Causes on real kernels: their rows sum to the totals in both domains; and for
the functions that ThinLTO inlined most, the copies and bytes are those that
llvm-dwarfdump finds in the file.
"""

import re
import shutil
import subprocess

from vmd import load, part, sum_errors

LARGEST = 20
GROUPINGS = ("cause", "cause,inlinee")


def check_sums(context):
    for old, new in context.pairs:
        paths = {"old": context.kernels[old], "new": context.kernels[new]}
        for grouping in GROUPINGS: # each report has both domains
            try:
                report = load("-b", grouping, *paths.values())
                errors = sum_errors(report, paths)
                if any(row["cause"] is None for row in report["rows"]):
                    errors.append("bytes without a cause")
            except (RuntimeError, ValueError) as error:
                errors = [str(error)]
            context.test(f"causes_sum_{old}_{new}_{grouping}", not errors,
                         "; ".join(errors))


class Dwarf:
    """Inlined copies of functions, as llvm-dwarfdump prints them."""

    HEAD = re.compile(r"^0x([0-9a-f]+):(\s+)(DW_TAG_\w+|NULL)")
    RANGE = re.compile(r"\[0x([0-9a-f]+), 0x([0-9a-f]+)\)")

    def __init__(self, path, names):
        """Reads the entries called `names`; one pass over the file."""
        command = ["llvm-dwarfdump", "--debug-info"]
        for name in names:
            command += ["--name", name]
        self.copies = {name: [] for name in names}  # lists of ranges
        self.outside = {name: 0 for name in names}
        self.files = {name: set() for name in names}
        self.entry = None
        with subprocess.Popen([*command, path], text=True, errors="replace",
                              stdout=subprocess.PIPE) as dump:
            for line in dump.stdout:
                self.take(line)
        self.finish()

    def take(self, line):
        head = self.HEAD.match(line)
        if head:
            self.finish()
            self.entry = {"tag": head[3], "ranges": [], "name": None,
                          "low": None, "file": None, "declared": False}
            return
        if not self.entry:
            return
        text = line.strip()
        if text.startswith(("DW_AT_name", "DW_AT_abstract_origin")):
            name = re.search(r'"([^"]*)"', text)
            if name and not (self.entry["name"] and "origin" not in text):
                self.entry["name"] = name[1]
        elif text.startswith("DW_AT_decl_file"):
            self.entry["file"] = text
        elif text.startswith("DW_AT_declaration"):
            self.entry["declared"] = True
        elif text.startswith("DW_AT_low_pc"):
            self.entry["low"] = int(re.search(r"0x([0-9a-f]+)", text)[1], 16)
        elif text.startswith("DW_AT_high_pc") and self.entry["low"] is not None:
            high = int(re.search(r"0x([0-9a-f]+)", text)[1], 16)
            self.entry["ranges"].append((self.entry["low"], high))
        for low, high in self.RANGE.findall(text):
            if "DW_AT_loc" not in text:
                self.entry["ranges"].append((int(low, 16), int(high, 16)))

    def finish(self):
        entry, self.entry = self.entry, None
        if not entry or entry["name"] not in self.copies:
            return
        ranges = [(low, high) for low, high in entry["ranges"] if high > low]
        if entry["tag"] == "DW_TAG_inlined_subroutine" and ranges:
            self.copies[entry["name"]].append(ranges)
        elif entry["tag"] == "DW_TAG_subprogram":
            self.outside[entry["name"]] += sum(h - l for l, h in ranges)
            if entry["file"] and not entry["declared"]:
                self.files[entry["name"]].add(entry["file"])

    def bytes(self, name):
        """Every byte of the copies, each once: copies nest in recursion."""
        ranges = sorted(r for copy in self.copies[name] for r in copy)
        total = end = 0
        for low, high in ranges:
            total += max(0, high - max(low, end))
            end = max(end, high)
        return total


def close(a, b):
    return abs(a - b) <= max(4, 0.02 * max(a, b))


def largest(report, cause):
    rows = [row for row in report["rows"]
            if row["cause"] == cause and row["inlinee"]]
    return sorted(rows, key=lambda row: -abs(part(row, "new", "content") -
                                             part(row, "old", "content")))[:LARGEST]


def check_story(context, row, dwarf):
    """
    A name can belong to functions of several files; only where it is one is
    what was read by name the function of the row.
    """
    name, cause = row["inlinee"], row["cause"].replace(" ", "_")
    if len(dwarf["old"].files[name] | dwarf["new"].files[name]) > 1:
        context.skip(f"{name}: several functions have this name")
        return
    for side in "old", "new":
        found = dwarf[side]
        context.test(f"{cause}_{name}_{side}_bytes_in_paths",
                     close(row["inlined"][side], found.bytes(name)),
                     f"{row['inlined'][side]}, llvm-dwarfdump {found.bytes(name)}")
        # A copy is counted where its own cause is; one inside another such
        # function, or in a function that came or went, is counted there.
        context.test(f"{cause}_{name}_{side}_copies",
                     row["copies"][side] <= len(found.copies[name]),
                     f"{row['copies'][side]}, llvm-dwarfdump "
                     f"{len(found.copies[name])}")
    if row["cause"] == "inlined away":
        # Of a header's function one of several own copies may stay.
        context.test(f"{cause}_{name}_lost_code_of_its_own",
                     dwarf["new"].outside[name] < dwarf["old"].outside[name],
                     (dwarf["old"].outside[name], dwarf["new"].outside[name]))


def check_stories(context):
    old, new = (context.kernels.get(f"{kind}.vmlinux") for kind in ("none", "thin"))
    if not old or not new:
        context.skip("no none.vmlinux and thin.vmlinux")
        return
    if not shutil.which("llvm-dwarfdump"):
        context.skip("no llvm-dwarfdump")
        return
    report = load("-b", "cause,inlinee", old, new)
    rows = (largest(report, "inlined away") +
            largest(report, "inlined from another unit"))
    wanted = sorted({row["inlinee"] for row in rows})
    dwarf = {"old": Dwarf(old, wanted), "new": Dwarf(new, wanted)}
    exact = 0
    for row in rows:
        check_story(context, row, dwarf)
        exact += row["copies"]["new"] == len(dwarf["new"].copies[row["inlinee"]])
    context.test("most_copies_are_counted_exactly", exact >= len(rows) // 2,
                 f"{exact} of {len(rows)}")


def check_known(context):
    """pcie_aspm_cap_init(): net of its own code and of its copy."""
    old, new = (context.kernels.get(f"{kind}.vmlinux") for kind in ("none", "thin"))
    if not old or not new:
        return
    rows = load("-b", "cause,inlinee", "--filter=inlinee:^pcie_aspm_cap_init$",
                old, new)["rows"]
    context.test("pcie_aspm_cap_init_is_inlined_away_net_121",
                 len(rows) == 1 and rows[0]["cause"] == "inlined away" and
                 part(rows[0], "old", "content") == 2911 and
                 part(rows[0], "new", "content") == 3032, rows)


def check_estimate(context):
    """_end from vmlinux.o, within 1 % or one step of 2 MiB of the truth."""
    for kind in "none", "thin":
        paths = [context.kernels.get(f"{kind}.vmlinux{end}") for end in ("", ".o")]
        if not all(paths):
            continue
        truth, guess = (load("show", "-b", "class", path)["limit"]["new"]
                        for path in paths)
        context.test(f"end_of_{kind}_is_estimated",
                     guess["estimated"] and not truth["estimated"] and
                     abs(guess["used"] - truth["used"]) <=
                     max(2 << 20, truth["used"] // 100), (guess, truth))
        context.test(f"limit_of_{kind}_is_1_GiB",
                     truth["limit"] == guess["limit"] == 1 << 30, (guess, truth))


def check_repeated(context):
    old, new = (context.kernels.get(f"{kind}.vmlinux.o") for kind in ("none", "thin"))
    if not old or not new:
        return
    report = load("-b", "cause", "-d", "file", old, new)
    rows = {row["cause"]: part(row, "new", "file") - part(row, "old", "file")
            for row in report["rows"]}
    total = (part(report["total"], "new", "file") -
             part(report["total"], "old", "file"))
    first = max(rows, key=lambda key: rows[key])
    context.test("vmlinux_o_grows_by_repeated_units",
                 first == "debug: repeated units" and rows[first] > 0.8 * total,
                 (total, rows))
    context.test("repeated_units_are_counted",
                 report["repeated"]["new"]["units"] > 2500 and
                 report["repeated"]["new"]["bytes"] == rows[first] +
                 report["repeated"]["old"]["bytes"], report["repeated"])


def check(context):
    check_known(context)
    check_estimate(context)
    check_repeated(context)
    check_sums(context)
    check_stories(context)
