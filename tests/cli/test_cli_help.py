from __future__ import annotations

from typing import get_args

import pytest
import typer.main

from ascn_nlp.cli import app, options
from ascn_nlp.cli.options import JsonOption
from ascn_nlp.resources import resource


def commands(group=None, path=()):
    """{path of a command: command}, groups included."""
    group = group or typer.main.get_command(app)
    found = {path: group}
    for name, command in getattr(group, "commands", {}).items():
        found |= commands(command, (*path, name))
    return found


COMMANDS = commands()


@pytest.fixture(params=COMMANDS, ids=lambda path: " ".join(path) or "ascn-nlp")
def path(request):
    return request.param


def test_the_commands_of_the_contract_are_there():
    wanted = ("refresh", "extract", "tag", "retag", "search", "status", "train", "evaluate", "doctor")
    more = ("serve", "runs", "diff", "stories", "forget")
    assert {("sources", name) for name in ("list", "check", "add")} <= set(COMMANDS)
    assert {(name,) for name in (*wanted, *more)} | {("review", "export"), ("review", "import")} <= set(COMMANDS)


def test_every_help_has_an_example_and_fits_eighty_columns(run, path):
    shown = run(*path, "--help")
    assert (shown.status, shown.err) == (0, "")
    assert f"ascn-nlp {' '.join(path)}".strip() in shown.out.partition("Example:")[2]
    assert "\n\n" in shown.out.partition("Example:")[2]
    assert shown.out.partition("Example:")[2].partition("\n\n")[0].count("\n") == 0, "to be copied, it is one line"
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "\x1b" not in shown.out


def test_no_option_or_argument_lacks_help(path):
    for parameter in COMMANDS[path].params:
        assert parameter.help, f"{path}: {parameter.name}"


@pytest.mark.parametrize("path", [path for path, one in COMMANDS.items() if hasattr(one, "commands")], ids=str)
def test_the_list_of_commands_cuts_no_sentence(run, path):
    listed = run(*path, "--help").out.partition("Commands:")[2]
    assert listed and "..." not in listed


FILTERS = [one for name, one in vars(options).items() if name.endswith("Option") and "list" in str(get_args(one)[0])]


@pytest.mark.parametrize("option", FILTERS, ids=lambda option: get_args(option)[1].help[:20])
def test_a_filter_that_takes_several_values_says_how(option):
    assert len(FILTERS) >= 6
    assert get_args(option)[1].help.endswith("; repeat for more.")


def test_an_option_that_takes_a_value_names_it(path):
    taking = [one for one in COMMANDS[path].params if one.param_type_name == "option" and not one.is_flag]
    assert not [one.name for one in taking if not one.metavar]


def test_every_command_is_in_the_readme(path):
    readme = resource("README.md").read_text(encoding="utf-8")
    assert f"ascn-nlp {' '.join(path)}".strip() in readme


def test_a_json_option_means_the_same_everywhere():
    found = [one for command in COMMANDS.values() for one in command.params if one.name == "json"]
    assert len(found) >= 5
    assert {one.help for one in found} == {JsonOption.__metadata__[0].help}


def test_without_a_command_the_help_is_shown_as_wrong_usage(run):
    shown = run()
    assert shown.status == 2
    assert "refresh" in shown.out + shown.err


def test_the_version_is_printed_alone(run):
    from ascn_nlp import __version__

    assert run("--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [("tag", "--nope"), ("nope",), ("review", "nope"), ("extract",), ("search", "x", "--min-score", "7"),
     ("search", "x", "-n", "0"), ("review", "export"), ("tag", "--tagger", "magic"), ("tag", "--model", "/nowhere"),
     ("refresh", "--sources", "/nowhere.toml")],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_says_what_is_wrong_on_stderr_and_gives_two(run, arguments):
    shown = run(*arguments)
    assert (shown.status, shown.out) == (2, "")
    assert shown.err.startswith("ascn-nlp: ")
    assert "Traceback" not in shown.err
    assert "--help" in shown.err or arguments[-2] in shown.err
