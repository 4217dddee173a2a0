"""The service: who is in the building. `create_app` is what a WSGI server loads."""

import secrets
import uuid

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

import bongsu

from . import login
from .users import Users


def create_app(database_path: str, intranet_url: str) -> Flask:
    """The service over one database file and one intranet to log in with."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes()
    app.config.update(INTRANET_URL=intranet_url, USERS=Users(database_path))
    app.register_blueprint(login.pages)
    app.before_request(name_the_request)
    app.register_error_handler(Exception, answer_and_tell_the_team)
    return app


def name_the_request() -> None:
    """Give the request the id that ties together its answer, its log lines and its alert."""
    g.request_id = uuid.uuid4().hex
    g.user = None


def answer_and_tell_the_team(error: Exception) -> ResponseReturnValue:
    """Answer with the raw JSON of the story; the second line is all that was missing on that day."""
    if isinstance(error, HTTPException):
        return error  # 404 and its like are answers, not defects
    with bongsu.context(request_id=g.request_id, user=g.user, route=request.path, status=500):
        bongsu.capture_exception(error)
    return {"statusCode": 500, "message": "Internal server error"}, 500
