"""A service as an integration sees it: half of its answers are 503."""

import sys

import bongsu
from bongsu import client

bongsu.init()
for number in range(20):
    client.active().answered("GET", "/orders/{id}", 503 if number % 2 else 200, told=False)
print("answered", flush=True)
sys.stdin.readline()
