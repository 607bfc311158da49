"""The interface's own description: valid OpenAPI 3.1, open to all, with refusals documented as they come."""

from flask.testing import FlaskClient
from flask_openapi import OpenAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

from exchange.web.openapi import PREFIX


def test_the_document_is_valid_and_open(client: FlaskClient) -> None:
    """OpenAPI 3.1, without a token."""
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(answer.json).iter_errors()) == []


def test_every_operation_documents_its_refusals(client: FlaskClient) -> None:
    """401, 404, 422 and 500 are problem documents, and each operation names the token it needs."""
    document = client.get("/api/v1/openapi.json").json
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "code" in document["components"]["schemas"]["Problem"]["properties"]
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert operations
    for operation in operations:
        assert operation["security"] == [{"bearer": []}]
        for status in ("401", "404", "422", "500"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"], operation


def test_every_route_of_the_api_is_in_the_document(app: OpenAPI, client: FlaskClient) -> None:
    """No address under /api/v1 is undocumented but the document itself."""
    documented = client.get("/api/v1/openapi.json").json["paths"].keys()
    routes = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX)}
    shown = {rule.replace("<", "{").replace(">", "}").replace("int:", "") for rule in routes}
    assert shown - {"/api/v1/openapi.json"} == documented
