"""Views and middleware that answer and fail in every way."""

import asyncio
import io
import logging
import sys
import weakref
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.urls import include, path, re_path
from django.views import View

import bongsu

REUSED = HttpResponse("always the same object")


def fine(request, **kwargs):
    return HttpResponse("fine")


def fails(request, **kwargs):
    raise LookupError("no such user jiwoo")


async def fails_async(request, **kwargs):
    await asyncio.sleep(0)
    raise LookupError("no such user jiwoo")


class Orders(View):
    def get(self, request, number):
        raise LookupError("no such order")


class AsyncOrders(View):
    async def get(self, request, number):
        raise LookupError("no such order")


def _raising(error):
    def view(request):
        raise error()

    return view


def _from_template(source):
    return lambda request: HttpResponse(engines["django"].from_string(source).render({"orders": _Unprintable()}))


class _Unprintable:
    def __str__(self):
        raise LookupError("no such order")


class Deferred(SimpleTemplateResponse):
    def resolve_template(self, template):
        return engines["django"].from_string(template)


def deferred(request):
    return Deferred("{{ orders }}", {"orders": _Unprintable()})


def _pieces(*, fails):
    yield b"one,"
    if fails:
        raise LookupError("no more orders")
    yield b"two"


async def _async_pieces(*, fails):
    for piece in _pieces(fails=fails):
        yield piece


def stream(request):
    return StreamingHttpResponse(_pieces(fails="fail" in request.GET))


async def stream_async(request):
    return StreamingHttpResponse(_async_pieces(fails="fail" in request.GET))


def file(request):
    return FileResponse(io.BytesIO(b"a whole file"), filename="orders.txt")


def reads_the_body(request):
    return HttpResponse(str(len(request.body)))


def looks_up_the_user(request):
    raise LookupError(f"no order of {request.user.pk}")


@transaction.atomic
def _keep(name):
    User.objects.create(username=name)


def keeps_and_fails(request):
    _keep("kept only if the transaction were not the request's")
    raise LookupError("no such order")


async def waits(request):
    """For the client to leave; Django 4.2 does not tell it, so that it goes on after a second."""
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(1, over.set)
    LEFT.began.set()
    await over.wait()
    return HttpResponse("nobody left")


@dataclass
class Left:
    began: asyncio.Event = field(default_factory=asyncio.Event)


LEFT = Left()


def talks(request):
    logging.getLogger("shop").warning("looking for %s", request.GET["word"])
    return fails(request) if "fail" in request.GET else fine(request)


REMEMBERED: list[Any] = []


def remembers(request):
    REMEMBERED.append(weakref.ref(request))
    return HttpResponse("seen")


def captures(request):
    try:
        fails(request)
    except LookupError:
        bongsu.capture_exception()
        raise


urlpatterns = [
    path("", fine),
    path("fine/<int:number>/", fine),
    path("fails/<int:number>/", fails),
    path("fails-async/<int:number>/", fails_async),
    path("reset/<str:token>/", fails),
    path("partial/", partial(fails, number=1)),
    path("orders/<int:number>/", Orders.as_view()),
    path("orders-async/<int:number>/", AsyncOrders.as_view()),
    re_path(r"^old/(?P<number>\d+)/$", fails),
    path("shop/", include([path("<slug:name>/", fails)])),
    path("missing/", _raising(Http404)),
    path("forbidden/", _raising(PermissionDenied)),
    path("bad/", _raising(BadRequest)),
    path("suspicious/", _raising(SuspiciousOperation)),
    path("exits/", lambda request: sys.exit(int(request.GET["code"]))),
    path("unavailable/", lambda request: HttpResponse("later", status=503)),
    path("unavailable-json/", lambda request: JsonResponse({"later": True}, status=503)),
    path("names-itself/", lambda request: HttpResponse("mine", headers={"X-Request-ID": "the-hosts-own"})),
    path("reused/", lambda request: REUSED),
    path("nothing/", lambda request: None),
    path("template/", _from_template("{{ orders }}")),
    path("template-syntax/", _from_template("{% order %}")),
    path("deferred/", deferred),
    path("stream/", stream),
    path("stream-async/", stream_async),
    path("file/", file),
    path("body/", reads_the_body),
    path("user/", looks_up_the_user),
    path("keeps/", keeps_and_fails),
    path("waits/", waits),
    path("talks/", talks),
    path("remembers/", remembers),
    path("captures/", captures),
]


class _Middleware:
    """For both kinds of handlers."""

    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        return self.get_response(request)


class Untouched(_Middleware):
    """Lets everything pass."""


class FailsBefore(_Middleware):
    def __call__(self, request):
        raise LookupError("no such tenant")


class FailsAfter(_Middleware):
    sync_capable, async_capable = True, False

    def __call__(self, request):
        self.get_response(request)
        raise LookupError("no such tenant")


class ForgetsItsAnswer(_Middleware):
    sync_capable, async_capable = True, False

    def __call__(self, request):
        self.get_response(request)


class Answers(_Middleware):
    """Makes an answer of what a view raises, as APIs do."""

    status = 200

    def process_exception(self, request, exception):
        return JsonResponse({"error": type(exception).__name__}, status=self.status)


class Answers418(Answers):
    status = 418


class Answers500(Answers):
    status = 500


class FailsToAnswer(_Middleware):
    def process_exception(self, request, exception):
        raise RuntimeError("cannot answer") from exception
