"""`helms spec`."""

import json

from click.testing import CliRunner

from helms_control.spec.command import spec
from helms_control.spec.contract import SPEC


def test_the_table_is_printed() -> None:
    result = CliRunner().invoke(spec, [])
    assert result.exit_code == 0
    assert "proprioception (43)" in result.stdout


def test_json_is_one_object_on_the_last_line() -> None:
    result = CliRunner().invoke(spec, ["--json"])
    content = json.loads(result.stdout.splitlines()[-1])
    assert (content["version"], content["hash"]) == (SPEC.version, SPEC.hash)
    assert [len(content[part]) for part in ("proprioception", "objects", "action")] == [10, 6, 5]
