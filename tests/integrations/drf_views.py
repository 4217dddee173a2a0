"""An API that answers and fails in every way of Django REST framework."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import include, path
from rest_framework import serializers, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import api_view
from rest_framework.exceptions import APIException, NotAuthenticated, ParseError, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView, exception_handler
from rest_framework.viewsets import ViewSet


class OutOfTea(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "out of tea"


RAISED = {
    "missing": Http404,
    "forbidden": PermissionDenied,
    "nobody": NotAuthenticated,
    "parse": ParseError,
    "throttled": Throttled,
    "invalid": lambda: ValidationError({"name": ["required"]}),
    "broken": lambda: LookupError("no such order"),
    "unavailable": OutOfTea,
}


class Fails(APIView):
    def get(self, request, what):
        error = RAISED[what]
        raise error()


class Everybody(BaseAuthentication):
    def authenticate(self, request):
        return Customer(), None


class Customer:
    is_authenticated = True

    def __init__(self):
        self.pk = 7
        self.email = "jiwoo@example.com"


class KnowsTheUser(Fails):
    authentication_classes = (Everybody,)


class Orders(ViewSet):
    def retrieve(self, request, pk):
        raise LookupError("no such order")


class Order(serializers.Serializer):
    name = serializers.CharField()


class Takes(APIView):
    def post(self, request):
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.data)


@api_view(["GET"])
def function(request):
    raise LookupError("no such order")


def always_an_answer(error, context):
    """An exception handler as many APIs have it."""
    return exception_handler(error, context) or Response({"detail": "it broke"}, status=500)


class Caught(Fails):
    def get_exception_handler(self):
        return always_an_answer


router = SimpleRouter()
router.register("orders", Orders, basename="order")

urlpatterns = [
    path("fails/<str:what>/", Fails.as_view()),
    path("caught/<str:what>/", Caught.as_view()),
    path("user/<str:what>/", KnowsTheUser.as_view()),
    path("function/", function),
    path("takes/", Takes.as_view()),
    path("api/", include(router.urls)),
]
