"""Where keys stand in a TOML text."""

import tomllib

from floodwall.core.toml_lines import key_lines

TEXT = '''# a comment = not a key
top = 1
[a]
list = [
  "x = 1",   # ] not the end
  "[fake]",
]
text = """
inside = 2
[also.inside]
"""
"quoted key" = 'a # b = "'
dotted.name = 3
[a.b]   # comment
c = [[1], [2]]
[[many]]
d = 4
[[many]]
e = 5
'''


def test_keys_are_found_on_their_lines() -> None:
    """Arrays, multi-line strings and comments hide nothing and invent nothing."""
    assert tomllib.loads(TEXT)
    assert key_lines(TEXT) == {
        ("top",): 2,
        ("a",): 3,
        ("a", "list"): 4,
        ("a", "text"): 8,
        ("a", "quoted key"): 12,
        ("a", "dotted", "name"): 13,
        ("a", "b"): 14,
        ("a", "b", "c"): 15,
        ("many",): 16,
        ("many", "d"): 17,
        ("many", "e"): 19,
    }
