# SPDX-License-Identifier: MIT
"""Figures of these kernels that are known from elsewhere."""

import os

from vmd import load, part


def delta(row, field):
    return part(row, "new", field) - part(row, "old", field)


def by(report, dimension):
    return {row[dimension]: row for row in report["rows"]}


def check_debian(context):
    """Two builds of one source; the second with one ext4 fix."""
    old, new = (context.kernels.get(role) for role in ("cloud-old", "cloud-new"))
    if not old or not new or "6.1.0-55" not in old or "6.1.0-56" not in new:
        context.skip("6.1.192-1 and 6.1.192-2 are not both there")
        return
    report = load("-b", "input-section", "-d", "file", old, new)
    rows = by(report, "input-section")
    context.test("debian_file_shrinks_by_1520",
                 delta(report["total"], "file") == -1520, report["total"])
    context.test("debian_btf_grows_by_769", delta(rows.get(".BTF"), "file") == 769,
                 rows.get(".BTF"))
    comment = rows.get(".comment")
    context.test("debian_comment_is_unchanged", comment is None or
                 delta(comment, "file") == 0, comment)
    changed = {row["symbol"] for row in load(
        "-b", "input-section,symbol", "--no-rollup", "--debug-info=no", old,
        new)["rows"] if row["symbol"] and row["input-section"] == ".text" and
        delta(row, "content")}
    context.test("debian_changes_two_functions",
                 changed == {"ext4_mb_init_group", "ext4_mb_load_buddy_gfp"},
                 sorted(changed)[:20])


def check_lto(context):
    old, new = (context.kernels.get(f"{kind}.vmlinux") for kind in ("none", "thin"))
    if not old or not new:
        context.skip("no none.vmlinux and thin.vmlinux")
        return
    report = load("-b", "input-section", old, new)
    text, total = by(report, "input-section").get(".text"), report["total"]
    context.test("lto_text_sections_are_equal", part(text, "old", "file") ==
                 part(text, "new", "file") == 0xc01720, text)
    context.test("lto_images_are_equal", part(total, "old", "image") ==
                 part(total, "new", "image") == 27459584, total)
    content, alignment = delta(total, "content"), delta(total, "alignment")
    context.test("lto_content_grows_as_alignment_shrinks",
                 content > 0 and content == -alignment, total)
    grown = sum(delta(row, "content") for row in load(
        "-b", "nature", old, new)["rows"] if row["nature"] == "code")
    context.test("lto_functions_grow_by_about_210000", 190000 < grown < 230000,
                 grown)
    sizes = {side: os.path.getsize(path) for side, path in
             (("old", old), ("new", new))}
    context.test("lto_file_sizes", part(total, "old", "file") == sizes["old"] and
                 part(total, "new", "file") == sizes["new"], total)


def check(context):
    check_debian(context)
    check_lto(context)
