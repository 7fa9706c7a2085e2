# SPDX-License-Identifier: MIT
"""
A validator for the part of JSON Schema (draft 7) that man/vmdelta.schema.json
uses. A keyword that it does not know is an error, so that nothing is believed
to be checked that is not.
"""

import re

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool,
    "null": type(None),
}
ANNOTATIONS = {"$schema", "$id", "title", "description", "definitions"}


def is_type(value, name):
    if name in ("integer", "number"):
        kinds = int if name == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def listed(value):
    return value if isinstance(value, list) else [value]


class Validator:
    """errors(value) yields "place: what is wrong"."""

    def __init__(self, schema):
        self.root = schema

    def errors(self, value, schema=None, place="$"):
        schema = self.root if schema is None else schema
        if "$ref" in schema:
            target = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            yield from self.errors(value, target, place)
        for keyword, wanted in schema.items():
            if keyword in ANNOTATIONS or keyword == "$ref":
                continue
            check = getattr(self, "check_" + keyword, None)
            if not check:
                yield f"{place}: unknown keyword {keyword}"
                continue
            yield from check(value, wanted, place, schema)

    def check_type(self, value, wanted, place, _):
        if not any(is_type(value, name) for name in listed(wanted)):
            yield f"{place}: {value!r} is not {wanted}"

    def check_enum(self, value, wanted, place, _):
        if value not in wanted:
            yield f"{place}: {value!r} is not one of {wanted}"

    def check_const(self, value, wanted, place, _):
        if value != wanted:
            yield f"{place}: {value!r} is not {wanted!r}"

    def check_minimum(self, value, wanted, place, _):
        if is_type(value, "number") and value < wanted:
            yield f"{place}: {value} is below {wanted}"

    def check_pattern(self, value, wanted, place, _):
        if isinstance(value, str) and not re.search(wanted, value):
            yield f"{place}: {value!r} is not like {wanted}"

    def check_required(self, value, wanted, place, _):
        for key in wanted if isinstance(value, dict) else ():
            if key not in value:
                yield f"{place}: {key} is missing"

    def check_properties(self, value, wanted, place, _):
        for key, schema in wanted.items() if isinstance(value, dict) else ():
            if key in value:
                yield from self.errors(value[key], schema, f"{place}.{key}")

    def check_additionalProperties(self, value, wanted, place, schema):
        known = schema.get("properties", {})
        for key in value if isinstance(value, dict) else ():
            if key not in known and wanted is False:
                yield f"{place}: {key} is unknown"
            elif key not in known and isinstance(wanted, dict):
                yield from self.errors(value[key], wanted, f"{place}.{key}")

    def check_items(self, value, wanted, place, _):
        for i, item in enumerate(value if isinstance(value, list) else ()):
            yield from self.errors(item, wanted, f"{place}[{i}]")

    def check_minItems(self, value, wanted, place, _):
        if isinstance(value, list) and len(value) < wanted:
            yield f"{place}: fewer than {wanted}"

    def check_maxItems(self, value, wanted, place, _):
        if isinstance(value, list) and len(value) > wanted:
            yield f"{place}: more than {wanted}"

    def check_uniqueItems(self, value, wanted, place, _):
        if wanted and isinstance(value, list) and \
                len({repr(item) for item in value}) != len(value):
            yield f"{place}: an item is there twice"

    def check_oneOf(self, value, wanted, place, _):
        found = [list(self.errors(value, schema, place)) for schema in wanted]
        if sum(not errors for errors in found) != 1:
            yield from min((errors for errors in found if errors), key=len)

    def check_allOf(self, value, wanted, place, _):
        for schema in wanted:
            yield from self.errors(value, schema, place)
