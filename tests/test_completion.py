"""A shell completes commands, options, choices and names of files."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from invoice_connector.cli import main

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What bash is told, and beside it the command, which bash asks."""
    path = tmp_path_factory.mktemp("completion") / "invoice-connector.bash"
    command = [sys.executable, "-m", "invoice_connector", "completion", "bash"]
    path.write_text(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    asked = path.with_name("invoice-connector")
    asked.write_text(f"#!{sys.executable}\nfrom invoice_connector.cli import main\nmain()\n")
    asked.chmod(0o755)
    return path


def completed(script: Path, folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of the words, typed behind the command's name."""
    typed = " ".join(("invoice-connector", *words))
    lines = (
        f"source {shlex.quote(str(script))}",
        f"COMP_WORDS=(invoice-connector {' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words)}",
        f"COMP_LINE={shlex.quote(typed)}; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9; COMP_KEY=9",
        "function=$(complete -p invoice-connector | sed -E 's/.*-F ([^ ]+).*/\\1/')",
        f'"$function" invoice-connector {shlex.quote(words[-1])} ""',
        "printf '%s\\n' \"${COMPREPLY[@]}\"",
    )
    environment = {"PATH": f"{script.parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    command = ["bash", "-c", "\n".join(lines)]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return {word.strip().rstrip("/") for word in done.stdout.split("\n")} - {""}


@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        (["pro"], {"process"}, {"batch"}),
        ([""], {"process", "audit", "serve", "completion"}, set()),
        (["audit", "ver"], {"verify"}, {"export"}),
        (["audit", "verify", "--an"], {"--anchor"}, {"--head"}),
        (["process", "--poli"], {"--policy"}, {"--profile"}),
        (["process", "--policy", "fu"], {"fusion"}, {"fallback"}),
        (["process", "fak"], {"faktura.pdf"}, {"folder"}),
        (["batch", "fo"], {"folder"}, {"faktura.pdf"}),
        (["audit", "anchor", "--file", "fak"], {"faktura.pdf"}, set()),
    ],
)
def test_bash_offers_what_fits(
    script: Path, tmp_path: Path, words: list[str], offered: set[str], not_offered: set[str]
) -> None:
    (tmp_path / "faktura.pdf").touch()
    (tmp_path / "folder").mkdir()
    found = completed(script, tmp_path, *words)
    assert offered <= found
    assert not not_offered & found


def test_zsh_gets_a_function_of_its_own_and_other_shells_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    assert capsys.readouterr().out.startswith("#compdef invoice-connector")
    with pytest.raises(SystemExit) as ended:
        main(["completion", "fish"])
    assert ended.value.code == 2
