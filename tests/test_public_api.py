"""What may be imported is listed, loads on first use, is typed, and says what it is."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from installed_plugins import EXAMPLE

from scripts.make_api import PACKAGES, PAGE, api, members

ROOT = Path(__file__).parents[1]


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def test_every_public_name_is_there_and_documented(package: ModuleType) -> None:
    assert package.__all__ and len(set(package.__all__)) == len(package.__all__)
    page = api()
    for name in package.__all__:
        value = getattr(package, name)
        assert f"### `{package.__name__}.{name}`" in page
        if not callable(value):
            continue
        own = value.__dict__.get("__doc__") if isinstance(value, type) else inspect.getdoc(value)
        assert own and not own.startswith(f"{name}("), f"{package.__name__}.{name} has no docstring of its own"
        for member, function in members(value) if isinstance(value, type) else ():
            assert inspect.getdoc(function), f"{package.__name__}.{name}.{member} has no docstring"


def test_other_names_are_refused(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        package.Nothing  # noqa: B018
    assert set(package._MODULES) == set(package.__all__)


def test_packages_are_typed(package: ModuleType) -> None:
    assert package.__file__ and (Path(package.__file__).parent / "py.typed").is_file()


def test_the_page_of_the_public_names_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == api(), "run `python scripts/make_api.py --write`"


def test_importing_the_packages_loads_nothing_of_them() -> None:
    code = f"import sys, {', '.join(PACKAGES)}\nprint(*[name for name in sys.modules if '.' in name])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert not [name for name in done.stdout.split() if name.partition(".")[0] in PACKAGES]


@pytest.mark.slow
def test_a_type_checker_knows_the_public_names(tmp_path: Path) -> None:
    """mypy sees through what is loaded on first use; the example of plug-ins is right, a misspelt method wrong."""
    (tmp_path / "use.py").write_text(
        "from invoice_connector import InvoiceOCRConnector\nfrom ocr_ensemble import BoundingBox\n"
        "reveal_type(BoundingBox(0, 0, 1, 1).width)\nInvoiceOCRConnector().process('x')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", str(tmp_path / "use.py"), str(EXAMPLE / "src")],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert 'Revealed type is "int"' in done.stdout.replace("builtins.", ""), done.stdout
    assert '"InvoiceOCRConnector" has no attribute "process"' in done.stdout, done.stdout
    assert "Found 1 error" in done.stdout, done.stdout
