"""The files of ``deploy/`` say what the tools they are for understand, and keep their promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import check_jsonschema
import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator, validators

from invoice_connector.cli import build_parser
from invoice_connector.mailbox.settings import MailboxSettings
from invoice_connector.scale.queues import QUEUES
from invoice_connector.settings import ConnectorSettings

DEPLOY = Path(__file__).parent.parent / "deploy"
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
OWN_KINDS = {"ScaledObject", "TriggerAuthentication"}  # KEDA's, which Kubernetes' own schema does not know


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in MANIFESTS:
        for found in yaml.safe_load_all(path.read_text()):
            yield f"{path.name} {found['kind']} {found['metadata']['name']}", found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, found in manifests():
        if found["kind"] in ("Deployment", "StatefulSet"):
            yield name, found["spec"]["template"]["spec"]


ALL, PODS = dict(manifests()), dict(pods())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@pytest.mark.parametrize("name", [name for name, found in ALL.items() if found["kind"] not in OWN_KINDS])
def test_a_manifest_fits_the_schema_of_kubernetes(name: str) -> None:
    kubernetes_validate.validate(ALL[name], "1.32", strict=True)


def test_the_schema_refuses_what_is_wrong() -> None:
    broken = json.loads(json.dumps(next(found for found in ALL.values() if found["kind"] == "Deployment")))
    broken["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.32", strict=True)


def test_every_manifest_is_applied() -> None:
    applied = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert sorted(applied) == [path.name for path in MANIFESTS]


@pytest.mark.parametrize("name", PODS)
def test_a_pod_is_confined_bounded_and_watched(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]) == {"requests", "limits"}
        assert "livenessProbe" in container
        assert {mount["name"] for mount in container["volumeMounts"]} <= {
            *(volume["name"] for volume in pod.get("volumes", [])), "data",
        }  # fmt: skip


def test_the_workers_serve_every_queue_and_their_commands_are_understood() -> None:
    served: list[str] = []
    for pod in PODS.values():
        for container in pod["containers"]:
            if container["image"].startswith("invoice-reader"):
                arguments = build_parser().parse_args(container["args"])
                served += (getattr(arguments, "queues", None) or "").split(",")
    assert sorted(filter(None, served)) == sorted(QUEUES)


def test_autoscaling_names_what_is_there() -> None:
    names = {found["metadata"]["name"] for found in ALL.values() if found["kind"] == "Deployment"}
    scaled = [found for found in ALL.values() if found["kind"] == "ScaledObject"]
    assert {found["spec"]["scaleTargetRef"]["name"] for found in scaled} == {"worker", "reader"} <= names
    for found in scaled:
        for trigger in found["spec"]["triggers"]:
            assert re.search(r"FROM submissions WHERE state IN \('received', 'running'\)", trigger["metadata"]["query"])


def test_settings_that_are_given_exist() -> None:
    names = [*ConnectorSettings.model_fields, *(f"mailbox_{name}" for name in MailboxSettings.model_fields)]
    known = {f"INVOICE_CONNECTOR_{name.upper()}" for name in names}
    written = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file())
    assert set(re.findall(r"INVOICE_CONNECTOR_[A-Z_]+", written)) <= known


def test_the_compose_file_fits_its_schema() -> None:
    folder = Path(check_jsonschema.__file__).parent
    schema = json.loads(next(folder.rglob("compose-spec.json")).read_text())
    validators.validator_for(schema, default=Draft202012Validator)(schema).validate(COMPOSE)


def test_the_services_are_confined() -> None:
    assert {"api", "worker", "redis", "postgres", "vllm", "prometheus", "grafana"} <= set(COMPOSE["services"])
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        if name in ("api", "worker", "flower"):
            assert service["user"] == "10001:10001"
        if service["image"].startswith("invoice-reader") and "entrypoint" not in service:
            build_parser().parse_args(service["command"])


def test_every_container_of_ours_says_whether_it_is_healthy() -> None:
    ours = {name: each for name, each in COMPOSE["services"].items() if each["image"].startswith("invoice-reader")}
    assert set(ours) == {"api", "worker", "mailbox", "flower"}
    for name, service in ours.items():
        by_image = name == "api"  # what the image's own asks
        assert by_image != bool(service.get("healthcheck", {}).get("test")), name
    for name in ("Dockerfile", "Dockerfile.cuda"):
        assert "\nHEALTHCHECK " in (DEPLOY / name).read_text()
    assert "--alive" in ours["mailbox"]["command"]
    assert ours["mailbox"]["command"][-1] in ours["mailbox"]["healthcheck"]["test"][1]


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.cuda"])
def test_an_image_runs_without_privileges(name: str) -> None:
    lines = (DEPLOY / name).read_text().replace("\\\n", " ").splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith(("#", " "))]
    words = [word for word, _ in steps]
    assert steps[-1][0] == "CMD"
    last_user = max(place for place, word in enumerate(words) if word == "USER")
    assert steps[last_user][1] == "10001:10001"
    assert "RUN" not in words[last_user:]
    assert all(":" in rest.split()[0] for word, rest in steps if word == "FROM")  # never just the newest
    build_parser().parse_args(json.loads(steps[-1][1]))
    for word, rest in steps:
        if word == "COPY" and not rest.startswith("--from"):
            assert all((DEPLOY.parent / part).exists() for part in rest.split()[:-1])


def test_prometheus_and_grafana_find_what_they_show() -> None:
    targets = [
        target.split(":")[0]
        for job in yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
        for config in job["static_configs"]
        for target in config["targets"]
    ]
    assert set(targets) <= set(COMPOSE["services"])
    for volume in COMPOSE["services"]["grafana"]["volumes"][:2]:
        assert (DEPLOY / volume.split(":")[0]).exists()
