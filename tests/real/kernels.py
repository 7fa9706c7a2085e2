# SPDX-License-Identifier: MIT
"""
Finds the real kernels, unpacked in a cache:

  none.vmlinux, thin.vmlinux, none.vmlinux.o, ...   from $VMDELTA_KERNELS/*.xz
                                                    (../shared/kernels)
  cloud-old, cloud-new    the newest two 6.1 cloud-amd64 kernels that apt knows
  amd64                   the newest 6.1 amd64
  cloud-6.12, cloud-arm64 the newest 6.12 cloud-amd64 and 6.1 cloud-arm64
  s390x                   the newest 6.1 s390x: 64 bits, big-endian
  ppc64le                 the newest 6.1 powerpc64le
  riscv64                 the newest 6.12 riscv64, which is in trixie alone

Debian's come from linux-image-*-dbg packages by apt-get download. apt gets
directories of its own, so that nothing needs root or a foreign architecture
in the system. What cannot be had is left out, with a message.
"""

import functools
import glob
import lzma
import os
import re
import shutil
import subprocess

ARCHES = "amd64,arm64,s390x"
PACKAGES = (
    # role, package, architecture, how many from the newest, release: lists of
    # its own, or None for the system's. An architecture whose lists cannot be
    # had takes those of the others with it.
    ("cloud-new", r"linux-image-6\.1\..*-cloud-amd64-dbg", "amd64", 0, None),
    ("cloud-old", r"linux-image-6\.1\..*-cloud-amd64-dbg", "amd64", 1, None),
    ("amd64", r"linux-image-6\.1\.[0-9.]+-[0-9]+-amd64-dbg", "amd64", 0, None),
    ("cloud-6.12", r"linux-image-6\.12\.[0-9].*-cloud-amd64-dbg", "amd64", 0, None),
    ("cloud-arm64", r"linux-image-6\.1\..*-cloud-arm64-dbg", "arm64", 0, None),
    ("s390x", r"linux-image-6\.1\.[0-9.]+-[0-9]+-s390x-dbg", "s390x", 0, None),
    ("ppc64le", r"linux-image-6\.1\.[0-9.]+-[0-9]+-powerpc64le-dbg", "ppc64el", 0,
     "bookworm"),
    ("riscv64", r"linux-image-6\.12\.[0-9].*-riscv64-dbg", "riscv64", 0, "trixie"),
)

DEBIAN_RELEASE = """\
deb [arch=amd64,{arch} signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
http://deb.debian.org/debian {release} main
"""

DEBIAN_SOURCES = """\
deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
http://deb.debian.org/debian bookworm main
"""


class Cache:
    def __init__(self, directory):
        self.directory = os.path.abspath(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.messages = []

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    # --- apt ----------------------------------------------------------------

    def apt(self, program, *arguments, **keywords):
        options = ["-o", f"Dir::State={self.path('apt', 'state')}",
                   "-o", f"Dir::Cache={self.path('apt', 'cache')}",
                   "-o", "Dir::State::status=/var/lib/dpkg/status",
                   "-o", "APT::Architectures=" + ARCHES,
                   "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2"]
        return subprocess.run([program, *options, *arguments], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              check=False, **keywords)

    @functools.lru_cache(maxsize=None)
    def release(self, release, arch):
        """Options for lists of a release of their own, which are fetched."""
        if not release:
            return ()
        sources = self.path("apt", f"{release}-{arch}.list")
        os.makedirs(self.path("apt", f"{release}-{arch}", "lists", "partial"), exist_ok=True)
        with open(sources, "w", encoding="utf-8") as out:
            out.write(DEBIAN_RELEASE.format(arch=arch, release=release))
        options = ("-o", f"Dir::Etc::sourcelist={sources}",
                   "-o", "Dir::Etc::sourceparts=/dev/null",
                   "-o", f"Dir::State={self.path('apt', f'{release}-{arch}')}",
                   "-o", f"APT::Architectures=amd64,{arch}")
        self.apt("apt-get", *options, "update", "-q")
        return options

    @functools.cached_property
    def has_apt(self):
        if os.environ.get("VMDELTA_OFFLINE") or not shutil.which("apt-get"):
            return False
        for directory in ("state/lists/partial", "cache/archives/partial"):
            os.makedirs(self.path("apt", directory), exist_ok=True)
        self.apt("apt-get", "update", "-q")
        return True

    @functools.lru_cache(maxsize=None)
    def newest(self, pattern, arch, release=None):
        """Packages whose whole name matches, the newest first."""
        if not self.has_apt:
            return []
        options = self.release(release, arch)
        names = [name for name in self.apt("apt-cache", *options, "pkgnames",
                                           pattern[:11])
                 .stdout.split() if re.fullmatch(pattern, name)]
        listed = names and self.apt("apt-cache", *options, "madison",
                                    *(f"{name}:{arch}" for name in names)).stdout
        versions = {}
        for line in (listed or "").splitlines():
            fields = [field.strip() for field in line.split("|")]
            if len(fields) == 3 and not fields[2].endswith("Sources"):
                versions.setdefault(fields[0].split(":")[0], fields[1])
        return sorted(versions, reverse=True, key=functools.cmp_to_key(
            lambda a, b: version_compare(versions[a], versions[b])))

    def download(self, name, arch, release=None):
        """The path of the .deb, or None."""
        directory = self.path("deb")
        os.makedirs(directory, exist_ok=True)
        # "+" is never escaped in the names of the files, ":" is.
        pattern = os.path.join(directory, f"{glob.escape(name)}_*_*.deb")
        if not glob.glob(pattern):
            self.apt("apt-get", *self.release(release, arch), "download", "-q",
                     f"{name}:{arch}", cwd=directory)
        found = sorted(glob.glob(pattern))
        return found[-1] if found else None

    def source(self, package):
        """The files of a source package, downloaded; from Debian's archive."""
        directory = self.path("src", package)
        if not glob.glob(os.path.join(directory, "*.dsc")) and self.has_apt:
            os.makedirs(directory, exist_ok=True)
            sources = self.path("apt", "sources.list")
            with open(sources, "w", encoding="utf-8") as out:
                out.write(DEBIAN_SOURCES)
            lists = ["-o", f"Dir::Etc::sourcelist={sources}",
                     "-o", "Dir::Etc::sourceparts=/dev/null",
                     "-o", f"Dir::State={self.path('apt', 'source-state')}"]
            os.makedirs(self.path("apt", "source-state", "lists", "partial"),
                        exist_ok=True)
            self.apt("apt-get", *lists, "update", "-q")
            self.apt("apt-get", *lists, "source", "--download-only", "-q",
                     package, cwd=directory)
        return sorted(glob.glob(os.path.join(directory, "*.tar.*")))

    def extract(self, deb, pattern, target):
        """One member of a package's tree, by shell pattern, into a file."""
        package = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        partial = target + ".partial"
        with open(partial, "wb") as out:
            subprocess.run(["tar", "-xO", "--wildcards", "--occurrence=1", pattern],
                           stdin=package.stdout, stdout=out, check=False)
        package.stdout.close()
        package.wait()
        if not os.path.getsize(partial):
            os.unlink(partial)
            return None
        os.rename(partial, target)
        return target

    # --- kernels ------------------------------------------------------------

    def shared(self, directory):
        kernels = {}
        for packed in sorted(glob.glob(os.path.join(directory, "*.xz"))):
            name = os.path.basename(packed)[:-3]
            target = self.path(name)
            if not os.path.exists(target):
                with lzma.open(packed) as source, \
                        open(target + ".partial", "wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                os.rename(target + ".partial", target)
            kernels[name] = target
        if not kernels:
            self.messages.append(f"no kernels in {directory}: VMDELTA_KERNELS "
                                 "may name another directory")
        return kernels

    def cached(self, pattern):
        """Unpacked kernels that fit a package pattern, the newest first."""
        found = []
        for path in glob.glob(self.path("deb-*.vmlinux")):
            abi = os.path.basename(path)[4:-8]
            if re.fullmatch(pattern, f"linux-image-{abi}-dbg"):
                found.append((natural(abi), path))
        return [path for _, path in sorted(found, reverse=True)]

    def debian(self, pattern, arch, position, release):
        names = self.newest(pattern, arch, release)
        if len(names) <= position:
            cached = self.cached(pattern)
            return cached[position] if len(cached) > position else None
        name = names[position]
        abi = re.sub(r"\+deb\d+", "", name[len("linux-image-"):-len("-dbg")])
        target = self.path(f"deb-{abi}.vmlinux")
        if os.path.exists(target):
            return target
        deb = self.download(name, arch, release)
        return deb and self.extract(deb, "*/boot/vmlinux-*", target)

    def module(self, kernel, path):
        """A module with the debug information of a Debian kernel, or None."""
        abi = os.path.basename(kernel)[len("deb-"):-len(".vmlinux")]
        target = self.path(f"deb-{abi}-{os.path.basename(path)}")
        debs = glob.glob(self.path("deb", f"linux-image-{glob.escape(abi)}-dbg_*"))
        if os.path.exists(target):
            return target
        return self.extract(debs[-1], f"*/kernel/{path}", target) if debs else None

    def encoded(self, path, name, base=None):
        """
        BTF as the kernel's build makes it, of the DWARF of a file: for those
        that Debian builds without. pahole keeps the byte order. Or None.
        """
        target = self.path(name)
        if os.path.exists(target):
            return target
        if not shutil.which("pahole"):
            return None
        done = subprocess.run(["pahole", "-J", *([f"--btf_base={base}"] if base else []),
                               f"--btf_encode_detached={target}.partial", path],
                              check=False, stderr=subprocess.DEVNULL)
        if done.returncode or not os.path.exists(target + ".partial"):
            return None
        os.rename(target + ".partial", target)
        return target

    def all(self, directory):
        kernels = self.shared(directory)
        for role, pattern, arch, position, release in PACKAGES:
            path = self.debian(pattern, arch, position, release)
            if path:
                kernels[role] = path
            else:
                self.messages.append(f"apt cannot get {role} ({pattern})")
        return kernels

    def bloat_o_meter(self):
        """Linux 6.12's script, from linux-source-6.12, or None."""
        target = self.path("bloat-o-meter-6.12")
        if os.path.exists(target):
            return target
        deb = self.has_apt and self.download("linux-source-6.12", "amd64")
        tree = deb and self.extract(deb, "*/usr/src/linux-source-6.12.tar.xz",
                                    self.path("linux-6.12.tar.xz"))
        if not tree:
            return None
        with open(target + ".partial", "wb") as out:
            subprocess.run(["tar", "-xOf", tree, "--wildcards", "--occurrence=1",
                            "*/scripts/bloat-o-meter"], stdout=out, check=False)
        os.unlink(tree)
        if not os.path.getsize(target + ".partial"):
            return None
        os.rename(target + ".partial", target)
        return target


def natural(text):
    """"6.1.0-56" after "6.1.0-9"."""
    return [int(part) if part.isdigit() else 0
            for part in re.split(r"(\d+)", text)]


def version_compare(a, b):
    def is_it(relation):
        return subprocess.run(["dpkg", "--compare-versions", a, relation, b],
                              check=False).returncode == 0
    return is_it("gt") - is_it("lt")
