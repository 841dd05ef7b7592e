"""What serve registers with a Prefect server, and what it refuses to. tests/slow has a real server."""

from types import SimpleNamespace

import httpx
import pytest
from prefect.exceptions import ObjectNotFound

from ascn_nlp.errors import AscnNlpError
from ascn_nlp.prefect_runtime import load_flow


class Client:
    """A client of a server that has these deployments: {name: parameters}."""

    api_url = "http://127.0.0.1:1/api"

    def __init__(self, deployments):
        self.deployments = deployments

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def api_healthcheck(self):
        return None

    def read_deployment_by_name(self, name):
        if name not in self.deployments:
            raise ObjectNotFound(http_exc=httpx.HTTPError("404"))
        return SimpleNamespace(parameters=self.deployments[name])


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """``serve(folder, deployments)`` is (the deployments that would be served, with what options)."""
    module = load_flow("serve")
    served = []
    monkeypatch.setattr(module, "serve_deployments", lambda *of, **options: served.append((of, options)))
    monkeypatch.setattr(module, "_deployment", lambda flow, name, *_: f"{flow}/{name}")

    def serve(folder="mine", deployments=(), **options):
        monkeypatch.setattr(module, "get_client", lambda sync_client: Client(dict(deployments)))
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        module.serve(str(tmp_path / folder), **options)
        return served.pop()

    return serve


def test_stopping_it_pauses_no_schedule(serve):
    deployments, options = serve()
    assert deployments == ("refresh/mine", "retag/mine")
    assert options["pause_on_shutdown"] is False and options["limit"] == 1


def test_a_name_that_is_another_workspaces_is_refused_with_another_way(serve, tmp_path):
    there = {"refresh/mine": {"workspace": "/srv/mine"}}
    with pytest.raises(AscnNlpError, match="another workspace, /srv/mine") as caught:
        serve(deployments=there)
    assert caught.value.where == str(tmp_path / "mine")
    assert "ascn-nlp serve --name ANOTHER" in caught.value.remedy
    assert serve(deployments=there, name="ours")[0] == ("refresh/ours", "retag/ours")


def test_a_name_with_signs_of_addresses_is_looked_up_as_a_whole(serve):
    there = {"refresh/corpus%20%232": {"workspace": "/srv/corpus #2"}}
    with pytest.raises(AscnNlpError, match="another workspace"):
        serve("corpus #2", there)


def test_its_own_deployments_are_registered_again(serve, tmp_path):
    there = {"refresh/mine": {"workspace": str(tmp_path / "mine"), "sources": "other.toml"}}
    assert serve(deployments=there)[0] == ("refresh/mine", "retag/mine")


@pytest.mark.parametrize("sign", "%&<>")
def test_a_folder_whose_name_prefect_does_not_take_needs_another(serve, sign):
    with pytest.raises(AscnNlpError, match="Prefect takes no name") as caught:
        serve(f"R{sign}D")
    assert "--name" in caught.value.remedy
    assert serve(f"R{sign}D", name="r-and-d")[0] == ("refresh/r-and-d", "retag/r-and-d")
