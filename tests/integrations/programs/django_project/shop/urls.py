"""Pages that are broken."""

from django.http import HttpResponse
from django.urls import path


def order(request, number):
    stock = {"apple": 3}
    return HttpResponse(stock["pear"])


async def order_async(request, number):
    return order(request, number)


urlpatterns = [path("orders/<int:number>/", order), path("async-orders/<int:number>/", order_async)]
