"""The description of the JSON API, made from its table (OpenAPI 3.1)."""

from dataclasses import MISSING, fields
from typing import Any

import msgspec

from floodwall import __version__
from floodwall.console.web.api import CALLS, Call
from floodwall.console.web.guard import MARK
from floodwall.console.web.tokens import Level

_REF = "#/components/schemas/{name}"
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "hint"],
            "properties": {"message": {"type": "string"}, "hint": {"type": "string"}},
        }
    },
}
_REFUSALS = {
    "400": "What was asked makes no sense, and nothing was done.",
    "401": "Nobody is logged in.",
    "403": "Whoever asks may not do this.",
    "408": "The body took too long.",
    "409": "The daemon refused, and says why.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "421": "The console is not called so.",
    "429": "Too many at once.",
    "501": "This machine cannot do it, and the answer says why.",
    "503": "No daemon answers.",
}


def describe() -> dict[str, Any]:
    """Return the document."""
    kinds = sorted({call.takes for call in CALLS}, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    for schema in schemas.values():
        schema["additionalProperties"] = False
    paths: dict[str, Any] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Floodwall console",
            "version": __version__,
            "description": "Shows what the daemon says and files requests with it.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Refusal": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(call: Call, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": call.says,
        "operationId": f"{call.method.lower()}{call.path.replace('/', '_')}",
        "x-floodwall-level": call.level.value,
        "responses": {
            "200": {
                "description": call.says,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **{
                status: {
                    "description": words,
                    "content": {
                        "application/json": {"schema": {"$ref": _REF.format(name="Refusal")}}
                    },
                }
                for status, words in _REFUSALS.items()
            },
        },
    }
    if call.level is Level.OPERATE:
        operation["description"] = "For operators."
    if call.method == "POST":
        operation["parameters"] = [
            {
                "name": MARK,
                "in": "header",
                "required": True,
                "schema": {"const": "1"},
                "description": "No form of another site can send it.",
            }
        ]
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": _REF.format(name=call.takes.__name__)}}
            },
        }
    else:
        operation["parameters"] = list(_parameters(call, schemas))
    return operation


def _parameters(call: Call, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    properties = schemas[call.takes.__name__].get("properties", {})
    return [
        {
            "name": each.name,
            "in": "path" if each.name in call.in_path else "query",
            "required": each.name in call.in_path or each.default is MISSING,
            "schema": _plain(properties[each.name]),
        }
        for each in fields(call.takes)
    ]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A query says nothing by leaving a word out, and has no null."""
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return choices[0] if choices else schema
