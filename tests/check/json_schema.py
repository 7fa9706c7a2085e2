# SPDX-License-Identifier: MIT
"""
What the program writes as JSON is what man/vmdelta.schema.json says, on every
fixture and with every dimension; and the schema refuses what is not so.
"""

import copy
import json
import os
import sys

from schema import Validator
from vmd import Results, load, run

results = Results()
FIXTURES = os.environ["FIXTURES"]
with open("man/vmdelta.schema.json", encoding="utf-8") as file:
    SCHEMA = json.load(file)
validator = Validator(SCHEMA)
try:
    import jsonschema
except ImportError:
    jsonschema = None


def errors(report):
    found = list(validator.errors(report))
    if not found and jsonschema:
        found = [str(error) for error in jsonschema.Draft7Validator(
            SCHEMA).iter_errors(report)]
    return found[:5]


def test(name, *arguments):
    report = load(*arguments)
    found = errors(report)
    missing = [key for row in report["rows"] for key in report["by"]
               if key not in row]
    results.test(f"JSON of {name} fits the schema", not found and not missing,
                 found or missing)
    return report


def fixture(name):
    return os.path.join(FIXTURES, name)


def dimensions():
    text = run("--help").stdout.decode()
    return text.split("Dimensions:")[1].split("Exit")[0].split()


def test_fixtures():
    pairs = sorted(name[:-4] for name in os.listdir(FIXTURES)
                   if name.endswith(".old") and name != "many.old")
    for pair in pairs:
        test(pair, fixture(f"{pair}.old"), fixture(f"{pair}.new"))
    for name in "no-symbols", "no-sections", "no-segments":
        test(f"show {name}", "show", fixture(name))
    old, new = fixture("x86-64.exec.old"), fixture("x86-64.exec.new")
    for by in [*dimensions(), "section,symbol,nature"]:
        for domain in "image", "file":
            test(f"-b {by} -d {domain}", "-b", by, "-d", domain, old, new)
    limited = json.loads(run("-f", "json", "-b", "symbol", "-n", "2",
                             "--exclude=symbol:main", old, new).stdout)
    results.test("JSON with rest and filtered fits the schema",
                 not errors(limited) and limited["rest"]["rows"] > 0 and
                 limited["filtered"]["rows"] > 0, errors(limited))


def test_debug_info():
    """
    What a report tells of a symbol does not hang on the option that made it
    read debug information.
    """
    old, new = fixture("x86-64.exec.old"), fixture("x86-64.exec.new")
    whole = load(old, new)
    results.test("-b with --debug-info=yes is the report without -b",
                 load("-b", ",".join(whole["by"]), "--debug-info=yes", old,
                      new) == whole)


def test_refusals():
    good = load("-b", "symbol", fixture("i386.o.old"), fixture("i386.o.new"))

    def broken(name, change):
        report = copy.deepcopy(good)
        change(report)
        results.test(f"the schema refuses {name}", errors(report))

    broken("a missing total", lambda r: r.pop("total"))
    broken("another version", lambda r: r.update(vmdelta=2))
    broken("a negative size", lambda r: r["new"].update(file=-1))
    broken("a size with a fraction", lambda r: r["new"].update(file=1.5))
    broken("an unknown domain", lambda r: r.update(domain="disk"))
    broken("a row without sides", lambda r: r["rows"][0].pop("old"))
    broken("a side without content",
           lambda r: r["rows"][0]["new"].pop("content"))
    broken("a boolean for a size",
           lambda r: r["total"]["new"].update(image=True))


test_fixtures()
test_debug_info()
test_refusals()
sys.exit(1 if results.failed else 0)
