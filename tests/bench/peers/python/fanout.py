"""A fan-out as most teams write it first: each record to each URL, all at once, with aiohttp.

It is not a straw man: loop, session and connections are kept between invocations, each request has its deadline, bodies
are read to the end. It lacks the features of Instance Webhooks:

- Failed deliveries are counted, and lost: they are neither recorded nor sent again.
- No order: an instance's `updated` may arrive before its `created`.
- aiohttp's pool of 100 connections is shared by all URLs: some that hang use it up, and the 10 s of the others pass while
  they wait for a turn. Without that bound (UNBOUNDED=1) descriptors and memory run out.
- The slowest URL holds the whole batch, and with it the shard, for up to 11 s, as aiohttp rounds the deadline up to a
  whole second. One that is down is called again by each batch.
- One record without a name fails the batch before any delivery, and Lambda sends the same batch again.
- A batch that Lambda sends again is delivered again as a whole; a receiver cannot detect it.
- Any address is called, including those of the own network, and redirects to any address are followed.
- URLs are settings of the function: the same ones for all tenants and events, and a deployment to change them.
- Requests are not signed.
"""

import asyncio
import errno
import os
from collections import Counter
from urllib.parse import quote

import aiohttp
from yarl import URL

TIMEOUT = aiohttp.ClientTimeout(total=int(os.environ.get("CALLBACK_TIMEOUT_MS", "10000")) / 1_000)
URLS = list(filter(None, os.environ.get("URLS", "").split("\n")))
EVENT_TYPES = {"INSERT": "created", "MODIFY": "updated", "REMOVE": "deleted"}


async def open_session():
    """Opens the session in the loop that it is bound to."""
    connector = aiohttp.TCPConnector(limit=0) if os.environ.get("UNBOUNDED") == "1" else None
    return aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)


LOOP = asyncio.new_event_loop()
SESSION = LOOP.run_until_complete(open_session())


def query(record):
    image = record["dynamodb"]["OldImage" if record["eventName"] == "REMOVE" else "NewImage"]
    values = {
        "instanceID": image["instanceID"]["S"],
        "processName": image["processName"]["S"],
        "eventType": EVENT_TYPES[record["eventName"]],
    }
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())


async def deliver(url, query):
    """Calls `url`, which may have its own query; returns the status."""
    target = URL(f"{url}{'&' if '?' in url else '?'}{query}", encoded=True)
    async with SESSION.get(target) as response:
        await response.read()  # the connection is free for the next request only after that
        return response.status


async def fan_out(records):
    queries = [query(record) for record in records]
    return await asyncio.gather(*(deliver(url, query) for query in queries for url in URLS), return_exceptions=True)


def reason(result):
    """Returns a status, the name of the system's error, or the exception's."""
    if isinstance(result, int):
        return str(result)
    return errno.errorcode.get(getattr(result, "errno", None), type(result).__name__)


def handler(event, context):
    results = LOOP.run_until_complete(fan_out(event["Records"]))
    failed = [result for result in results if not (isinstance(result, int) and 200 <= result < 300)]
    return {
        "delivered": len(results) - len(failed),
        "failed": len(failed),
        "reasons": Counter(map(reason, failed)),
    }
