"""`helms spec`: print the contract."""

import click

from helms_control.output import echo_json
from helms_control.spec.contract import SPEC
from helms_control.spec.table import spec_table


@click.command(epilog="Example: helms spec --json | python -m json.tool")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def spec(as_json: bool) -> None:
    """Print the contract: every observation and action with its unit, frame and range."""
    if as_json:
        echo_json(SPEC.to_dict())
    else:
        click.echo(spec_table(SPEC))
