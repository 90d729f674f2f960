"""The house rules, as tests.

A rule is a function from the path and the text of a file to findings. Each rule is shown what it
must refuse and what it must let pass, because a rule that cannot fail is worthless. Then it is
held against the whole tree, and all findings are reported at once.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

Rule = Callable[[str, str], Iterator[str]]

ROOT = Path(__file__).parent.parent
HOUSE = ("ledger", "projections", "workers", "app")  # Each may import those before it.

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
LINE_LENGTH_MAX = 100

# What the domain may not import although it is in the standard library: it reads a clock, draws
# lots, makes ids, or touches the world.
IMPURE = frozenset(
    "asyncio ctypes fileinput ftplib getpass glob http io locale logging multiprocessing os"
    " pathlib platform random secrets select selectors shelve shutil signal smtplib socket"
    " socketserver sqlite3 ssl subprocess sys tempfile threading time urllib uuid".split()
)
IMPURE_CALLS = frozenset("now today utcnow uuid1 uuid4".split())
IMPURE_BUILTINS = frozenset("__import__ eval exec input open print".split())


# --- the rules ---------------------------------------------------------------------------------


def imports_point_inwards(path: str, text: str) -> Iterator[str]:
    """ledger <- projections <- workers <- app, and none of them knows the tests."""
    package = PurePosixPath(path).parts[0]
    if package not in HOUSE:
        return
    outer = {*HOUSE[HOUSE.index(package) + 1 :], "tests"}
    for line, module in imported(text):
        if module.split(".")[0] in outer:
            yield f"{path}:{line}: {package} may not import {module}; move the code inwards"


def domain_is_pure(path: str, text: str) -> Iterator[str]:
    """ledger/domain has the standard library and itself; no clock, no ids, no lots, no I/O."""
    if not path.startswith("ledger/domain/"):
        return
    for line, module in imported(text):
        top = module.split(".")[0]
        own = f"{module}.".startswith("ledger.domain.")
        if not own and (top not in sys.stdlib_module_names or top in IMPURE):
            yield f"{path}:{line}: the domain may not import {module}; hand its result in"
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_CALLS:
                yield f"{path}:{node.lineno}: the domain may not call {name}(); hand the value in"
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS | IMPURE_BUILTINS:
                yield f"{path}:{node.lineno}: the domain may not call {name}(); hand the value in"


def domain_has_no_floats(path: str, text: str) -> Iterator[str]:
    """Money is an int of minor units and a rate is a Decimal; a float is neither."""
    if not path.startswith("ledger/domain/"):
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=float(value)):
                yield f"{path}:{node.lineno}: {value} is a float; write an int or a Decimal"
            case ast.Call(func=ast.Name(id="float")):
                yield f"{path}:{node.lineno}: float() makes a float; make an int or a Decimal"


def functions_are_short(path: str, text: str) -> Iterator[str]:
    """A function fits on a screen, with its decorators and its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            lines = (node.end_lineno or first) - first + 1
            if lines > FUNCTION_LINES_MAX:
                yield (
                    f"{path}:{first}: {node.name} has {lines} lines, {FUNCTION_LINES_MAX} are"
                    " allowed; give its steps names of their own"
                )


def files_are_short(path: str, text: str) -> Iterator[str]:
    """A file has one subject."""
    lines = len(text.splitlines())
    if lines > FILE_LINES_MAX:
        yield f"{path}: {lines} lines, {FILE_LINES_MAX} are allowed; split it by subject"


def lines_are_short(path: str, text: str) -> Iterator[str]:
    """SQL and Markdown have the line length of Python.

    A table row, a bare link and what a program printed cannot wrap.
    """
    in_session = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            in_session = not in_session
        can_wrap = not line.startswith("|") and " " in line.strip().removeprefix("- ")
        if len(line) > LINE_LENGTH_MAX and can_wrap and not in_session:
            yield f"{path}:{number}: {len(line)} characters, {LINE_LENGTH_MAX} are allowed"


def modules_open_with_a_docstring(path: str, text: str) -> Iterator[str]:
    """A reader learns from the first lines what a module is for."""
    if not (ast.get_docstring(ast.parse(text)) or "").strip():
        yield f"{path}:1: no docstring; open the module with what it is for"


def sql_files_hold_one_statement(path: str, text: str) -> Iterator[str]:
    """One statement a file, and the first line says why it is there."""
    if not re.match(r"-- +\w", text):
        yield f"{path}:1: the first line is no `-- ` comment; say why the statement is there"
    statements = statements_of(text)
    if statements != 1:
        yield f"{path}: {statements} statements; a file holds exactly one"


def nothing_is_left_unfinished(path: str, text: str) -> Iterator[str]:
    """What is not finished is not merged; what is planned stands in the plan."""
    for line, mark in matches(r"\b(?:TO(?:DO)|FIX(?:ME)|X{3})\b", text):
        yield f"{path}:{line}: {mark}; finish it or take it out"


def silenced_checks_say_why(path: str, text: str) -> Iterator[str]:
    """`noqa` and `type: ignore` need a reason beside them: `# noqa: E501  # why`."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        silenced = re.search(r"#\s*(?:noqa|type:\s*ignore)(.*)", token.string)
        if token.type == tokenize.COMMENT and silenced and not re.search(r"# *\w", silenced[1]):
            yield f"{path}:{token.start[0]}: {silenced[0]}: add `# ` and the reason"


def checks_can_fail(path: str, text: str) -> Iterator[str]:
    """A command whose failure is swallowed checks nothing."""
    for line, swallowed in matches(r"\|\|\s*(?:true|:)(?=[\s;)]|$)|^\t@?-.*", text):
        yield f"{path}:{line}: `{swallowed.strip()}` swallows a failure; handle it or let it fail"


def no_machine_is_named(path: str, text: str) -> Iterator[str]:
    """The files work on every machine: no package registry, no absolute path of somebody's."""
    for line, name in matches(r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)", text):
        yield f"{path}:{line}: {name} is a package registry; which one is the machine's affair"
    for line, name in matches(r"(?<![\w.:/~-])/(?:root|work|home|Users|opt/\w+)/\S*", text):
        yield f"{path}:{line}: {name} is a path of one machine; make it relative"


# --- what the rules are made of ------------------------------------------------------------------


def imported(text: str) -> Iterator[tuple[int, str]]:
    """Every import with its line. Relative ones are ruff's affair: it refuses them all."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def statements_of(sql: str) -> int:
    """How many statements there are, once comments, strings and $$ bodies are out of the way."""
    noise = "|".join(
        (
            r"--[^\n]*",
            r"/\*.*?\*/",
            r"\b[eE]'(?:[^'\\]|\\.|'')*'",  # E'it\'s'
            r"'(?:[^']|'')*'",
            r'"[^"]*"',
            r"(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)",
        )
    )
    bare = re.sub(noise, " ", sql, flags=re.DOTALL)
    return sum(1 for statement in bare.split(";") if statement.strip())


def matches(pattern: str, text: str) -> Iterator[tuple[int, str]]:
    """Every match of a pattern with its line."""
    for found in re.finditer(pattern, text, flags=re.MULTILINE):
        yield text.count("\n", 0, found.start()) + 1, found[0]


# --- the rules, shown at work --------------------------------------------------------------------

MARK = "TO" + "DO"  # In two pieces, or this file would break the rules that it shows.
REGISTRY = "pypi" + ".org"
HOME = "/" + "home/ann/loans"

REFUSED: list[tuple[Rule, str, str]] = [
    (imports_point_inwards, "ledger/log.py", "import projections.views"),
    (imports_point_inwards, "projections/a.py", "from workers import broker"),
    (imports_point_inwards, "workers/a.py", "def late():\n    import app.cli"),
    (imports_point_inwards, "app/cli.py", "from tests.contracts import store"),
    (domain_is_pure, "ledger/domain/a.py", "import orjson"),
    (domain_is_pure, "ledger/domain/a.py", "from pathlib import Path"),
    (domain_is_pure, "ledger/domain/a.py", "from ledger import codec"),
    (domain_is_pure, "ledger/domain/a.py", "from ledger.domains import a"),
    (domain_is_pure, "ledger/domain/a.py", "day = date.today()"),
    (domain_is_pure, "ledger/domain/a.py", "now()"),
    (domain_is_pure, "ledger/domain/a.py", "open('rates')"),
    (domain_has_no_floats, "ledger/domain/a.py", "rate = 0.156"),
    (domain_has_no_floats, "ledger/domain/a.py", "rate = float(text)"),
    (functions_are_short, "app/a.py", "def a():\n" + "    b()\n" * 50),
    (functions_are_short, "app/a.py", "@c\nasync def a():\n" + "    b()\n" * 49),
    (files_are_short, "app/a.py", "a = 1\n" * 401),
    (lines_are_short, "app/a.sql", "SELECT 1, " + "2" * 91),
    (lines_are_short, "a.md", "```\na\n```\n" + "a word " * 20),
    (modules_open_with_a_docstring, "app/a.py", "import os\n'''Too late.'''"),
    (modules_open_with_a_docstring, "app/a.py", "''' '''"),
    (sql_files_hold_one_statement, "app/a.sql", "SELECT 1"),
    (sql_files_hold_one_statement, "app/a.sql", "--\nSELECT 1"),
    (sql_files_hold_one_statement, "app/a.sql", "-- Why.\n;"),
    (sql_files_hold_one_statement, "app/a.sql", "-- Why.\nSELECT 1; -- One.\nSELECT 2"),
    (sql_files_hold_one_statement, "app/a.sql", "-- Why.\nDO $a$;$b$;$a$; SELECT $1; -- $a$"),
    (nothing_is_left_unfinished, "app/a.py", f"# {MARK}: round"),
    (silenced_checks_say_why, "app/a.py", "a = b  # type: ignore[attr-defined]"),
    (silenced_checks_say_why, "app/a.py", "import a  # noqa: F401"),
    (checks_can_fail, "Makefile", "check:\n\truff check || true\n"),
    (checks_can_fail, "Makefile", "check:\n\t-ruff check\n"),
    (checks_can_fail, ".ci/run", "(make check ||:)"),
    (no_machine_is_named, "a.md", f"see https://{REGISTRY}/simple"),
    (no_machine_is_named, "a.toml", f'data = "{HOME}"'),
]

ALLOWED: list[tuple[Rule, str, str]] = [
    (imports_point_inwards, "workers/a.py", "import ledger.log\nfrom projections import views"),
    (imports_point_inwards, "tests/a.py", "import app.cli"),
    (imports_point_inwards, "app/a.py", "from app import cli\nimport application"),
    (domain_is_pure, "ledger/domain/a.py", "from datetime import date\nimport ledger.domain.terms"),
    (domain_is_pure, "ledger/domain/a.py", "from ledger.domain import money\naccount.open(today)"),
    (domain_is_pure, "ledger/log.py", "import orjson\nday = date.today()"),
    (domain_has_no_floats, "ledger/domain/a.py", "rate = Decimal('0.156') + 1"),
    (domain_has_no_floats, "app/a.py", "seconds = 0.5"),
    (functions_are_short, "app/a.py", "def a():\n" + "    b()\n" * 49),
    (files_are_short, "app/a.py", "a = 1\n" * 400),
    (lines_are_short, "app/a.sql", "SELECT " + "2" * 93),
    (lines_are_short, "a.md", "| a row |" * 20 + "\n- https://" + "a" * 100),
    (lines_are_short, "a.md", "```console\n" + "a word " * 20 + "\n```\n"),
    (modules_open_with_a_docstring, "app/a.py", "'''What it is for.'''\nimport os"),
    (sql_files_hold_one_statement, "app/a.sql", "-- Why; and how.\nSELECT ';', E'\\';' /* ; */;"),
    (sql_files_hold_one_statement, "app/a.sql", "-- Why.\nDO $$ BEGIN a; b; END $$;\n-- Done.\n"),
    (sql_files_hold_one_statement, "app/a.sql", '-- Why.\nSELECT "a;b" WHERE c = $1 OR d = $2'),
    (nothing_is_left_unfinished, "app/a.py", "# The method of todos."),
    (silenced_checks_say_why, "app/a.py", "import a  # noqa: F401  # Registers the actors."),
    (silenced_checks_say_why, "app/a.py", "a = '# noqa'"),
    (checks_can_fail, "Makefile", "check:\n\ttest -n a || exit 1\n"),
    (no_machine_is_named, "a.md", "`/usr/bin/env`, docs/work/plan.md, https://example.org/home/a"),
]


def name_of(value: object) -> str:
    """Tests are called after the rule; the texts would only repeat the table."""
    return str(getattr(value, "__name__", ""))


@pytest.mark.parametrize(("rule", "path", "text"), REFUSED, ids=name_of)
def test_a_rule_refuses(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)), f"{rule.__name__} lets pass in {path}:\n{text}"


@pytest.mark.parametrize(("rule", "path", "text"), ALLOWED, ids=name_of)
def test_a_rule_lets_pass(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []


# --- the rules, held against the tree -------------------------------------------------------------

EVERYWHERE = frozenset[str]()
RULES: dict[Rule, frozenset[str]] = {  # The endings, or the names, of the files it governs.
    imports_point_inwards: frozenset({".py"}),
    domain_is_pure: frozenset({".py"}),
    domain_has_no_floats: frozenset({".py"}),
    functions_are_short: frozenset({".py"}),
    files_are_short: frozenset({".py", ".sql"}),
    lines_are_short: frozenset({".sql", ".md"}),
    modules_open_with_a_docstring: frozenset({".py"}),
    sql_files_hold_one_statement: frozenset({".sql"}),
    nothing_is_left_unfinished: frozenset({".py", ".sql", ".md", ".toml", "Makefile", "run"}),
    silenced_checks_say_why: frozenset({".py"}),
    checks_can_fail: frozenset({".sh", "Makefile", "run"}),
    no_machine_is_named: EVERYWHERE,
}


@pytest.fixture(scope="session")
def project_files() -> list[str]:
    """What git tracks, and what it would track: a rule should speak before the commit."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody can say which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


def test_every_rule_is_shown_both_ways() -> None:
    assert {rule for rule, _, _ in REFUSED} == set(RULES)
    assert {rule for rule, _, _ in ALLOWED} == set(RULES)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_tree_keeps_the_rule(rule: Rule, project_files: list[str]) -> None:
    governed = [
        path
        for path in project_files
        if RULES[rule] is EVERYWHERE or {Path(path).suffix, Path(path).name} & RULES[rule]
    ]
    findings = [
        finding
        for path in governed
        for finding in rule(path, (ROOT / path).read_text(encoding="utf-8", errors="replace"))
    ]
    assert not findings, f"{rule.__doc__}\n" + "\n".join(findings)
