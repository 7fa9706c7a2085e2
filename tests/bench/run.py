# SPDX-License-Identifier: MIT
"""
make bench: CPU seconds (user + system) and peak RSS of the program, medians of
five warm runs, next to their budgets and to the floor measured in the same run.
run.py [--data] [WORD...]: only write the inputs; only budgets whose name holds
a word. Inputs go to $VMDELTA_BENCH (build/bench-data), kernels are those of
check-real. The largest one, every module of a Debian kernel linked into one
file, takes a package of 860 MB, 10 GB of disk and minutes to make: only
make bench-data MODULES=1 does, and without it its budgets are left out.
"""

import glob
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, "..", "real"), os.path.join(HERE, "..", "lib")]

from kernels import Cache  # noqa: E402

DATA = os.environ.get("VMDELTA_BENCH", os.path.join(ROOT, "build", "bench-data"))
PROGRAMS = os.path.join(os.environ.get("BUILD", "build"), "bench")
VMDELTA = os.environ.get("VMDELTA", os.path.join(ROOT, "vmdelta"))
CACHE = os.environ.get("VMDELTA_CACHE", os.path.join(ROOT, ".cache"))
AMD64 = r"linux-image-6\.1\.[0-9.]+-[0-9]+-amd64-dbg"
RUNS = int(os.environ.get("VMDELTA_RUNS", "5"))
SHORT = 0.1  # s; what takes less is run more often
MB = 1000 * 1000

# The seed's sizes; half of its symbols; the same with 10,000 equal names.
SEED = {
    "seed.old": (1400000, 5055556384, "old"),
    "seed.new": (2500000, 8378741416, "new"),
    "half.old": (700000, 2527778192, "old"),
    "half.new": (1250000, 4189370708, "new"),
    "equal.old": (700000, 2527778192, "old", 10000),
    "equal.new": (1250000, 4189370708, "new", 10000),
}


class Figure:
    def __init__(self, cpu, wall, rss):
        self.cpu, self.wall, self.rss = cpu, wall, rss


def measure_once(command):
    start = time.monotonic()
    with open(os.devnull, "r+b") as null:
        process = subprocess.Popen(command, stdin=null, stdout=null,
                                   stderr=subprocess.PIPE)
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode} "
                           f"{error.decode(errors='replace')[:300]}")
    return Figure(usage.ru_utime + usage.ru_stime, time.monotonic() - start,
                  usage.ru_maxrss * 1024 / MB)


def measure(*command):
    command = [str(word) for word in command]
    first = measure_once(command)   # warms the cache
    count = RUNS if first.cpu > SHORT else RUNS * 5
    runs = [measure_once(command) for _ in range(count)]
    return Figure(*(statistics.median(getattr(run, field) for run in runs)
                    for field in ("cpu", "wall", "rss")))


def make_data():
    os.makedirs(DATA, exist_ok=True)
    for name, arguments in SEED.items():
        path = os.path.join(DATA, name)
        if not os.path.exists(path):
            subprocess.run([os.path.join(PROGRAMS, "gen_seed"), path + ".partial",
                            *map(str, arguments)], check=True)
            os.rename(path + ".partial", path)


def make_modules(cache):
    """Links all modules of the newest Debian kernel into one ET_REL."""
    target = data("modules.o")
    if os.path.exists(target):
        return
    names = cache.newest(AMD64, "amd64")
    deb = names and cache.download(names[0], "amd64")
    if not deb:
        print("bench-data: apt cannot get a kernel with modules")
        return
    with tempfile.TemporaryDirectory(dir=DATA) as tree:
        package = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                                   stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", tree, "--wildcards", "*.ko"],
                       stdin=package.stdout, check=True)
        package.wait()
        modules = sorted(glob.glob(f"{tree}/**/*.ko", recursive=True))
        with open(f"{tree}/list", "w", encoding="utf-8") as out:
            out.write("\n".join(modules))
        # Each has its own init_module: all but the first are dropped names.
        subprocess.run(["ld.lld", "-r", "-z", "muldefs", "-o",
                        target + ".partial", f"@{tree}/list"], check=True)
    os.rename(target + ".partial", target)


def data(name):
    return os.path.join(DATA, name)


class Bench:
    def __init__(self, words):
        self.words = words
        self.over = 0
        cache = Cache(CACHE)
        self.kernels = cache.all(os.environ.get(
            "VMDELTA_KERNELS", os.path.join(ROOT, "..", "shared", "kernels")))

    def wants(self, name):
        return not self.words or any(word in name for word in self.words)

    def line(self, name, what, value, budget, note=""):
        verdict = "ok" if value <= budget else "OVER"
        self.over += value > budget
        print(f"{verdict:4} {name:34} {what:12} {value:9.3f}  budget "
              f"{budget:9.3f}  {note}", flush=True)

    def floor(self, *arguments):
        return measure(os.path.join(PROGRAMS, "floor"), *arguments)

    # --- the budgets ----------------------------------------------------------

    def seed(self):
        name = "seed-size pair, default report"
        if not self.wants(name):
            return
        pair = data("seed.old"), data("seed.new")
        floor = self.floor("names", *pair)
        figure = measure(VMDELTA, *pair)
        ratio = f"floor {floor.cpu:.3f} s, ratio {figure.cpu / floor.cpu:.1f}"
        self.line(name, "CPU s", figure.cpu, 5 * floor.cpu, ratio)
        self.line(name, "RSS MB", figure.rss, 900,
                  f"floor {floor.rss:.0f} MB, wall {figure.wall:.2f} s")
        half = measure(VMDELTA, data("half.old"), data("half.new"))
        self.line("twice the symbols", "times", figure.cpu / half.cpu, 2.2,
                  f"{half.cpu:.3f} s for half")
        half_symbols, equal_symbols = (measure(
            VMDELTA, "-b", "section,symbol", data(f"{kind}.old"),
            data(f"{kind}.new")) for kind in ("half", "equal"))
        self.line("10,000 equal names", "times",
                  equal_symbols.cpu / half_symbols.cpu, 1.2,
                  f"{equal_symbols.cpu:.3f} s against {half_symbols.cpu:.3f} s")

    def printing(self):
        """All rows against one: what sorting and printing them costs."""
        pair = data("half.old"), data("half.new")
        for kind in "text", "json":
            name = f"printing all rows, {kind}"
            if not self.wants(name):
                continue
            command = VMDELTA, "-f", kind, "-b", "section,symbol"
            path = data(f"printed.{kind}")
            subprocess.run([*command, "-n", "0", "-o", path, *pair], check=True)
            with open(path, "rb") as printed:
                rows = sum(1 for _ in printed)
            floor = self.floor("lines", path)
            os.unlink(path)
            cost = measure(*command, "-n", "0", *pair).cpu - \
                measure(*command, "-n", "1", *pair).cpu
            self.line(name, "us a row", cost / rows * 1e6, 1,
                      f"{rows} rows, writing the same lines "
                      f"{floor.cpu / rows * 1e6:.3f}, "
                      f"ratio {cost / floor.cpu:.1f}")

    def debian_symbols(self):
        name = "Debian pair, -b section,symbol"
        pair = [self.kernels.get(role) for role in ("cloud-old", "cloud-new")]
        if not self.wants(name) or None in pair:
            return
        floor = self.floor("names", *pair)
        figure = measure(VMDELTA, "-b", "section,symbol", *pair)
        # Set where the floor took 0.011 s: 13.6 times as much.
        self.line(name, "CPU s", figure.cpu, 0.15,
                  f"floor {floor.cpu:.3f} s, ratio {figure.cpu / floor.cpu:.1f} "
                  f"(the budget's is {0.15 / 0.011:.1f})")
        self.line(name, "RSS MB", figure.rss, 120, f"wall {figure.wall:.2f} s")

    def debian_owners(self):
        name = "Debian amd64 -> cloud, all owners"
        pair = [self.kernels.get(role) for role in ("amd64", "cloud-new")]
        if not self.wants(name) or None in pair:
            return
        figure = measure(VMDELTA, "-d", "file", "-b",
                         "dir,unit,section,symbol,inlinee", *pair)
        floor = measure(os.path.join(PROGRAMS, "floor_dies"), *pair)
        self.line(name, "CPU s", figure.cpu, 3, f"floor {floor.cpu:.3f} s, "
                  f"ratio {figure.cpu / floor.cpu:.1f}")
        self.line(name, "wall s", figure.wall, 2)
        self.line(name, "RSS MB", figure.rss, 700)
        default = measure(VMDELTA, *pair)
        self.line("Debian amd64 -> cloud, default", "CPU s", default.cpu, 3,
                  f"wall {default.wall:.2f} s, RSS {default.rss:.0f} MB")

    def modules(self):
        name, path = "all modules as one ET_REL", data("modules.o")
        if not self.wants(name):
            return
        if not os.path.exists(path):
            print(f"left out: {name}: make bench-data MODULES=1 links them")
            return
        floor = measure(os.path.join(PROGRAMS, "floor_dies"), path)
        for what, by in (("default", ()),
                         ("all owners", ("-d", "file", "-b",
                                         "dir,unit,section,symbol,inlinee"))):
            figure = measure(VMDELTA, "show", *by, path)
            self.line(f"{name}, {what}", "CPU s", figure.cpu, 20,
                      f"floor {floor.cpu:.3f} s, "
                      f"ratio {figure.cpu / floor.cpu:.1f}")
            self.line(f"{name}, {what}", "RSS MB", figure.rss, 3000,
                      f"wall {figure.wall:.2f} s")

    def btf(self):
        kernel, generator = self.kernels.get("cloud-new"), \
            os.path.join(PROGRAMS, "gen_btf")
        name = "Debian BTF"
        if self.wants(name) and kernel:
            path = data("debian.btf")
            subprocess.run(["llvm-objcopy", "--dump-section", f".BTF={path}",
                            kernel, os.devnull], check=True)
            floor = self.floor("hash", path)
            figure = measure(VMDELTA, "show", "-b", "btf-kind,type", path)
            self.line(name, "CPU s", figure.cpu, 0.015,
                      f"floor {floor.cpu:.3f} s, RSS {figure.rss:.0f} MB")
        name = "1.1 GB of BTF"
        if self.wants(name) and os.path.exists(generator):
            path = data("large.btf")
            if not os.path.exists(path):
                subprocess.run([generator, path, "20000000"], check=True)
            floor = self.floor("hash", path)
            figure = measure(VMDELTA, "show", "-b", "btf-kind", path)
            self.line(name, "CPU s", figure.cpu, 3 * floor.cpu,
                      f"floor {floor.cpu:.3f} s, "
                      f"ratio {figure.cpu / floor.cpu:.1f}")
            self.line(name, "RSS MB", figure.rss, 1500)


def main(arguments):
    make_data()
    if "--data" in arguments:
        if os.environ.get("MODULES"):
            make_modules(Cache(CACHE))
        return 0
    bench = Bench(arguments)
    for step in (bench.seed, bench.printing, bench.debian_symbols,
                 bench.debian_owners, bench.modules, bench.btf):
        try:
            step()
        except (RuntimeError, subprocess.CalledProcessError) as error:
            bench.over += 1
            print(f"OVER {step.__name__}: {error}")
    return bench.over > 0


sys.exit(main(sys.argv[1:]))
