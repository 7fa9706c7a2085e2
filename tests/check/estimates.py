# SPDX-License-Identifier: MIT
"""
What is concluded from a vmlinux.o that is not linked yet: where _end will be,
with what --add brings, and which of the configurations beside it is its own.
"""

import os
import subprocess
import tempfile

from vmd import Results, load, run

results = Results()
scratch = tempfile.TemporaryDirectory()
KERNEL = """
.globl level2_kernel_pgt, linux_banner
.data
.type level2_kernel_pgt, STT_OBJECT
level2_kernel_pgt:
.rept 256
.quad 0x1e1
.endr
.skip 256 * 8
.size level2_kernel_pgt, 4096
.section .rodata, "a"
.type linux_banner, STT_OBJECT
linux_banner: .asciz "Linux version 6.1.5 (gcc) #1"
.size linux_banner, . - linux_banner
.text
.skip {text}
"""


def path(name):
    return os.path.join(scratch.name, name)


def assemble(name, text):
    subprocess.run(["as", "-o", path(name), "-"], input=text.encode(), check=True)


def limit(*arguments):
    return load("show", *arguments, path("k.vmlinux.o"))["limit"]["new"]


MB = 1 << 20
assemble("k.vmlinux.o", KERNEL.format(text=4096))
if load("show", path("k.vmlinux.o"))["new"]["machine"] == "x86-64":
    alone = limit()
    assemble("btf.o", '.section .BTF, "a"\n.skip 5 << 20\n')
    more = limit(f"--add={path('btf.o')}")
    results.test("the estimate is one, of the limit that the page table says",
                 alone["estimated"] and alone["limit"] == 512 * MB and not alone["added"],
                 alone)
    results.test("what is added moves _end by its size, in steps of 2 MiB",
                 more["added"] == 5 * MB and more["used"] - alone["used"] in (4 * MB, 6 * MB),
                 (alone, more))
    assemble("k.vmlinux.o", KERNEL.format(text="600 << 20"))
    done = run("show", path("k.vmlinux.o"))
    results.test("a kernel that will not link is told in the first line",
                 done.stdout.startswith(b"The kernel image is too big: _end estimated at"),
                 done.stdout[:200])
    assemble("k.vmlinux.o", KERNEL.format(text=4096))
    with open(path("text"), "w", encoding="utf-8") as out:
        out.write("no object file\n")
    for name in "text", "missing":
        done = run("show", f"--add={path(name)}", path("k.vmlinux.o"))
        results.test(f"--add of a file that is {name} is an error",
                     done.returncode == 2 and name.encode() in done.stderr, done)
else:
    print("skip: estimates are of x86-64 alone")


def config(name, version):
    with open(path(name), "w", encoding="utf-8") as out:
        out.write(f"#\n# Linux/x86 {version} Kernel Configuration\n#\nCONFIG_FOO=y\n")
    found = load("show", path("k.vmlinux.o"))["ident"]["new"]["config"]
    os.unlink(path(name))
    return found


for name in "k.config", "config-6.1.5", ".config":
    results.test(f"{name} beside the kernel is read",
                 config(name, "6.1.5") == path(name), name)
for version in "6.6.5", "6.10.5", "6.1x", "5.1.5":
    results.test(f"a configuration of {version} is not that of 6.1.5",
                 config("k.config", version) is None, version)
results.test("a packager's own version of the same series is the kernel's",
             config("k.config", "6.1.999") == path("k.config"))
