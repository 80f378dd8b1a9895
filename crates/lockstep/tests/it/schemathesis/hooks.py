"""What the run knows of the hub that its description can't say."""

import os

import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.openapi.checks import IgnoredAuth
from schemathesis.specs.openapi.checks import is_unexpected_http_status_case

OWN_NAME, OWN_TOKEN = os.environ.get("LOCKSTEP_OWN_NAME"), os.environ.get("LOCKSTEP_OWN_TOKEN")
SESSION, ENDING_SESSION = os.environ.get("LOCKSTEP_SESSION"), os.environ.get("LOCKSTEP_ENDING_SESSION")
ENDING_CSRF = os.environ.get("LOCKSTEP_ENDING_CSRF")
OTHER_NAME = "grace"
NOBODYS = "00000000-0000-4000-8000-000000000000"


@schemathesis.hook
def before_call(context, case, kwargs):
    """The run lives by one user's token or session: it is another one that is taken back or ended in its stead."""
    label = case.operation.label
    # Once there is a second admin the first can be shut out, and a new password ends every session.
    if label in ("PATCH /api/v1/users/{name}", "POST /api/v1/users/{name}/link"):
        if case.path_parameters.get("name") == OWN_NAME:
            case.path_parameters["name"] = OTHER_NAME
    if label == "DELETE /api/v1/tokens/{id}" and case.path_parameters.get("id") == OWN_TOKEN:
        case.path_parameters["id"] = NOBODYS
    if label == "DELETE /api/v1/session" and SESSION and (case.cookies or {}).get("lockstep_session") == SESSION:
        case.cookies["lockstep_session"] = ENDING_SESSION
        case.headers["X-CSRF-Token"] = ENDING_CSRF


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Who guesses tokens is told to wait from some time on, which is a refusal as good as 401."""
    return not (isinstance(failure, IgnoredAuth) and "got `429" in failure.message)


@schemathesis.check
def what_fits_is_understood(ctx, response, case):
    """What fits the description may be refused for what it asks, but never as something that can't be read."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if is_unexpected_http_status_case(case) or response.status_code not in (400, 413, 415, 422):
        return
    problem = response.json()
    if problem["code"] in ("bad-request", "no-json", "too-large"):
        raise AssertionError(f"refused as unreadable: {problem['detail']}")
