# SPDX-License-Identifier: MIT
"""Runs the program and checks what always holds of its JSON."""

import json
import os
import subprocess

VMDELTA = os.environ.get("VMDELTA", os.path.abspath("vmdelta"))


def run(*arguments, timeout=300, **keywords):
    return subprocess.run([VMDELTA, *map(str, arguments)], timeout=timeout,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          check=False, **keywords)


def load(*arguments, **keywords):
    """The JSON report, or an exception with what the program said."""
    command = arguments[:1] if arguments[0] == "show" else ()
    done = run(*command, "-f", "json", "-n0", *arguments[len(command):], **keywords)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"exit {done.returncode}: "
                           f"{done.stderr.decode(errors='replace').strip()}")
    return json.loads(done.stdout)


def part(row, side, field):
    value = row.get(side) if row else None
    return value.get(field, 0) if value else 0


def sum_errors(report, paths):
    """
    What is wrong with a report's sums: rows + rest + filtered = total in both
    domains, and the file total is the real size. Nothing, if all is well.
    """
    errors = []
    for side in "old", "new":
        for field in "file", "image":
            rows = sum(part(row, side, field) for row in report["rows"])
            rest = part(report.get("rest"), side, field)
            filtered = part(report.get("filtered"), side, field)
            total = part(report["total"], side, field)
            if rows + rest + filtered != total:
                errors.append(f"{side} {field}: rows {rows} + rest {rest} + "
                              f"filtered {filtered} != total {total}")
    for side, path in paths.items():
        size, total = os.path.getsize(path), part(report["total"], side, "file")
        if size != total:
            errors.append(f"{side}: file total {total}, really {size}")
    return errors


class Results:
    """Prints the "ok" lines that tests/run-scripts.sh counts."""

    def __init__(self):
        self.failed = 0

    def test(self, name, passed, detail=""):
        if passed:
            print(f"ok {name}")
        else:
            self.failed += 1
            print(f"not ok {name}" + (f": {detail}" if detail else ""))
        return passed
