"""The views with an error page that is broken."""

from django_views import urlpatterns

__all__ = ["handler500", "urlpatterns"]


def handler500(request):
    raise LookupError("the error page is broken too")
