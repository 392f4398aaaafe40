"""The rules of SARIF 2.1.0 (OASIS) that a reader stumbles over, by section of the standard."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_LEVELS = {"error", "warning", "note"}
_KINDS = {"pass", "fail", "open", "notApplicable", "informational", "review"}


def sarif_faults(log: Json) -> Iterator[str]:
    """Yield what is against the standard."""
    if log["version"] != "2.1.0":
        yield "3.13.2: the version is 2.1.0"
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        if not run["tool"]["driver"]["name"]:
            yield "3.19.8: a driver has a name"
        if len({rule["id"] for rule in rules}) != len(rules):
            yield "3.49.3: the id of a rule is its own"
        for rule in rules:
            yield from _rule(rule)
        for result in run["results"]:
            yield from _result(result, [rule["id"] for rule in rules])


def _rule(rule: Json) -> Iterator[str]:
    if rule["defaultConfiguration"]["level"] not in _LEVELS:
        yield f"3.50.3: the level of {rule['id']}"
    for member in ("shortDescription", "fullDescription", "help"):
        if not rule[member]["text"]:
            yield f"3.12.3: {member} of {rule['id']} has words"


def _result(result: Json, ids: list[str]) -> Iterator[str]:
    name = result["ruleId"]
    if ids[result["ruleIndex"]] != name:
        yield f"3.27.6: the index of {name} leads to it"
    if result["kind"] not in _KINDS:
        yield f"3.27.9: the kind of {name}"
    if (result["kind"] == "fail") != (result["level"] != "none"):
        yield f"3.27.10: {name} has a level if it failed, and only then"
    if not result["message"]["text"]:
        yield f"3.11.8: {name} has a message"
    for location in result["locations"]:
        yield from _location(location, name)
    for each in result.get("suppressions", []):
        if each["kind"] not in {"inSource", "external"} or not each["justification"]:
            yield f"3.35.2: the suppression of {name} has kind and reason"


def _location(location: Json, name: str) -> Iterator[str]:
    if "physicalLocation" not in location:
        if not location["logicalLocations"][0]["fullyQualifiedName"]:
            yield f"3.33.5: {name} has a name for its place"
        return
    physical = location["physicalLocation"]
    if not physical["artifactLocation"]["uri"].startswith("file:///"):
        yield f"3.4.3: {name} has an absolute URI"
    if physical["region"]["startLine"] < 1:
        yield f"3.30.5: lines of {name} begin with 1"
