# Reads EXPLAIN (ANALYZE, FORMAT json) of a claim and prints what each of its parts takes by itself, in milliseconds. A part is a CTE, less the CTEs
# that it reads, which are computed as they are read; the probes of the judging part are told apart.
import json
import sys

PARTS = {"CTE locked": "lock the slots", "CTE run": "look at the campaigns", "CTE chosen": "one slot a person", "CTE judged": "judge",
         "CTE gone": "delete the slots", "CTE ledger": "write the ledger", "CTE handed": "write the outbox", "CTE held": "write what is held"}
PROBES = {"suppression": "probe suppression", "consent": "probe consent"}
spent = {}


def whole(node):
    return node["Actual Total Time"] * node["Actual Loops"]


def add(part, ms):
    spent[part] = spent.get(part, 0) + ms


def probed(node):
    return next((PROBES[name] for name in PROBES if node.get("Relation Name", "").startswith(name)), None)


def outside(node, part):
    """The milliseconds below `node` that belong to other parts."""
    if node["Node Type"] == "CTE Scan":
        return whole(node)
    if part == "judge" and probed(node):
        add(probed(node), whole(node))
        return whole(node)
    return sum(outside(child, part) for child in node.get("Plans", []) if not child.get("Subplan Name", "").startswith("CTE "))


def walk(node):
    part = PARTS.get(node.get("Subplan Name"))
    if part:
        add(part, whole(node) - outside(node, part))
    for child in node.get("Plans", []):
        walk(child)


explained = json.load(sys.stdin)[0]
walk(explained["Plan"])
for part, ms in sorted(spent.items(), key=lambda item: -item[1]):
    print(f"{part:<22} {ms:7.2f}")
print(f"{'the whole statement':<22} {explained['Execution Time']:7.2f}")
