# SPDX-License-Identifier: MIT
"""-f bloat-o-meter is byte for byte what Linux 6.12's script prints."""

import difflib
import subprocess
import sys

from vmd import run

OPTIONS = ((), ("-c", "--categories"), ("-d", "--data"), ("-t", "--text"))


def check(context):
    script = context.cache.bloat_o_meter()
    if not script:
        context.skip("no bloat-o-meter: apt cannot get linux-source-6.12")
        return
    for old, new in context.pairs:
        paths = context.kernels[old], context.kernels[new]
        for theirs, *ours in (option or ("", ) for option in OPTIONS):
            expected = subprocess.run(
                [sys.executable, script, *filter(None, [theirs]), *paths],
                capture_output=True, check=False).stdout
            printed = run("-f", "bloat-o-meter", *ours, *paths).stdout
            name = f"bloat_o_meter{theirs}_of_{old}_{new}_is_the_same"
            if not context.test(name, printed == expected and expected):
                diff = difflib.unified_diff(
                    expected.decode(errors="replace").splitlines(),
                    printed.decode(errors="replace").splitlines(),
                    "script", "vmdelta", lineterm="", n=1)
                for _, line in zip(range(12), diff):
                    print("   ", line)
