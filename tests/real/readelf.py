# SPDX-License-Identifier: MIT
"""What GNU readelf says about a file, as records."""

import collections
import functools
import re
import subprocess

Section = collections.namedtuple("Section", "index name type size flags")
Symbol = collections.namedtuple("Symbol", "value size type bind section name")
Segment = collections.namedtuple("Segment", "type offset paddr filesz memsz")


def lines(option, path):
    with subprocess.Popen(["readelf", "-W", option, path], errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as process:
        yield from process.stdout


@functools.lru_cache(maxsize=None)
def sections(path):
    pattern = re.compile(r"\s*\[\s*(\d+)\] (.*?)\s+(SYMTAB SECTION INDICES|[A-Z_0-9]+)\s+[0-9a-f]+ "
                         r"[0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ +([A-Za-z]*) +\d+ ")
    found = []
    for line in lines("-S", path):
        match = pattern.match(line)
        if match:
            found.append(Section(int(match[1]), match[2].strip(), match[3],
                                 int(match[4], 16), match[5]))
    return found


def symbols(path):
    """Without those that are not in a section."""
    other = re.compile(r"\[[^]]*\] ")  # "[<localentry>: 8]" of powerpc64
    for line in lines("-s", path):
        fields = other.sub("", line, count=1).split(None, 7)
        if len(fields) < 7 or not fields[0][:-1].isdigit():
            continue
        _, value, size, type_, bind, _, section = fields[:7]
        if not section.isdigit():   # ABS, UND, COM
            continue
        yield Symbol(int(value, 16), int(size, 0), type_, bind, int(section),
                     fields[7].rstrip("\n") if len(fields) > 7 else "")


def loads(path):
    found = []
    for line in lines("-l", path):
        fields = line.split()
        if fields and fields[0] == "LOAD":
            found.append(Segment("LOAD", *(int(fields[i], 16)
                                           for i in (1, 3, 4, 5))))
    return found
