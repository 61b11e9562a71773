"""What `deploy/` sets up: what its programs say of each file, and the nightly backup as it runs."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from kopprod import db
from tests.browser import ROOT

DEPLOY = ROOT / "deploy"
SCRIPTS = (DEPLOY / "install", DEPLOY / "backup", ROOT / "setup.sh", ROOT / ".ci" / "run")
UNITS = ("kopprod@.service", "kopprod-backup.service", "kopprod-backup.timer")
DAY_S = 86_400


def say(*command: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a program that must be here, and give what it says."""
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not here; on Debian: apt install caddy shellcheck systemd")
    return subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=os.environ | settings,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("site", ["koperasi.example.id", ":80", "http://192.168.1.10"])
def test_caddy_understands_its_file(site: str, tmp_path: Path) -> None:
    servers = "127.0.0.1:8501 127.0.0.1:8502"
    said = say(
        "caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile",
        KOPPROD_SITE=site, KOPPROD_SERVERS=servers, XDG_DATA_HOME=str(tmp_path),
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    assert "Valid configuration" in said.stdout


def test_shellcheck_finds_nothing() -> None:
    said = say("shellcheck", *SCRIPTS)

    assert said.stdout == ""
    assert said.returncode == 0


def test_systemd_understands_its_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (DEPLOY / unit).read_text().replace("/opt/kopprod", str(ROOT))
        (tmp_path / unit).write_text(text)

    said = say("systemd-analyze", "verify", *(tmp_path / unit for unit in UNITS))

    assert said.stderr == ""
    assert said.returncode == 0


def test_whoever_installs_is_told_what_is_missing() -> None:
    said = say(DEPLOY / "install")

    assert said.returncode == 1
    assert "deploy/install koperasi.example.id" in said.stderr


def test_every_setting_is_one_that_the_code_or_the_backup_reads() -> None:
    named = set(re.findall(r"^#?(KOPPROD_\w+)=", (DEPLOY / "settings").read_text(), re.MULTILINE))
    code = "".join(path.read_text() for path in (ROOT / "kopprod").rglob("*.py"))
    code += (DEPLOY / "backup").read_text()

    assert {name for name in named if name not in code} == set()


def test_every_path_of_the_image_is_there_and_reaches_it() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]
    kept_out = (ROOT / ".dockerignore").read_text().splitlines()

    assert len(copied) > 5
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert set(copied) & set(kept_out) == set()


def test_the_services_together_name_what_is_there() -> None:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services, volumes = found["services"], set(found["volumes"])
    mounts = [one.split(":")[0] for service in services.values() for one in service["volumes"]]

    assert set(services) == {"kopprod", "backup", "database", "caddy"}
    assert (DEPLOY / services["kopprod"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["kopprod"]["build"]["dockerfile"]).exists()
    assert [m for m in mounts if m not in volumes and not (DEPLOY / m).exists()] == []
    assert services["caddy"]["environment"]["KOPPROD_SERVERS"] == "kopprod:8501"
    proved_in = services["backup"]["environment"]["KOPPROD_PROVE_DB"].rsplit("/", 1)[1]
    assert f"CREATE DATABASE {proved_in};" in (DEPLOY / "prove.sql").read_text()
    server = services["database"]["image"].removeprefix("postgres:").split("-")[0]
    assert f"postgresql-client-{server}" in (DEPLOY / "Dockerfile").read_text()


def test_each_night_a_copy_is_made_and_put_back_and_old_ones_go(coop: str, tmp_path: Path) -> None:
    # Two starts of Python: it is the script itself that is asked, as the timer starts it.
    nightly, monthly = tmp_path / "nightly", tmp_path / "monthly"
    nightly.mkdir()
    old = nightly / f"{coop}-20200101T000000Z.db"
    recent = nightly / f"{coop}-20260101T000000Z.db"
    for path, days in ((old, 31), (recent, 29)):
        path.write_text("")
        os.utime(path, (time.time() - days * DAY_S,) * 2)
    settings = {"KOPPROD_BACKUPS": str(tmp_path)}

    failed = say(DEPLOY / "backup", KOPPROD_PYTHON="false", **settings)
    assert failed.returncode == 1
    assert old.exists()

    if not db.is_sqlite():
        settings["KOPPROD_PROVE_DB"] = db.url_template().rsplit("/", 1)[0] + "/postgres"
    said = say(DEPLOY / "backup", **settings)

    assert said.returncode == 0, said.stderr
    assert said.stderr == ""
    assert not old.exists()
    assert recent.exists()
    made = [path for path in nightly.iterdir() if path != recent]
    assert len(made) == 1
    assert [path.stat().st_ino for path in monthly.iterdir()] == [made[0].stat().st_ino]
    assert f"{coop} dipulihkan dari" in said.stdout or "dikembalikan" in said.stdout
