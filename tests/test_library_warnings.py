"""A warning of a library is an error, and the failure names the library and its version."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT

pytest_plugins = ["pytester"]
LIBRARY = "import warnings\ndef old():\n    warnings.warn('old() goes away', DeprecationWarning, stacklevel=1)\n"


@pytest.mark.parametrize("place", ["inside a test", "while tests are collected"])
def test_the_failure_names_package_and_version(place: str, pytester: pytest.Pytester) -> None:
    installed = pytester.mkdir("installed")
    (installed / "pluto.py").write_text(LIBRARY)
    (installed / "pluto_tools-1.2.3.dist-info").mkdir()
    (installed / "pluto_tools-1.2.3.dist-info" / "METADATA").write_text("Name: pluto-tools\nVersion: 1.2.3\n")
    (installed / "pluto_tools-1.2.3.dist-info" / "RECORD").write_text("pluto.py,,\n")
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text())
    pytester.makepyfile("import pluto\n" + ("pluto.old()" if "collected" in place else "def test_it(): pluto.old()"))
    ran = pytester.runpytest_subprocess("-W", "error", "-o", f"pythonpath={Path(installed)}")
    assert ran.ret != 0
    ran.stdout.fnmatch_lines(["*DeprecationWarning by pluto-tools 1.2.3*"])
