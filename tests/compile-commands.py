# SPDX-License-Identifier: MIT
"""Writes compile_commands.json: COMMAND FILE..."""

import json
import os
import sys

entries = [{"directory": os.getcwd(), "file": path,
            "command": f"{sys.argv[1]} -c {path}"} for path in sys.argv[2:]]
json.dump(entries, sys.stdout, indent=1)
print()
