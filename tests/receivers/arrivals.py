"""What arrives at a receiver, to the byte: the target is cut out of the request line, and nothing has parsed it."""

import threading
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from patience import PATIENCE

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Arrival:
    target: str
    headers: dict

    @property
    def signed_at(self):
        return int(self.headers["webhook-timestamp"])

    def having(self, **changes):
        """The same with another target, or with other values of headers (`webhook_id`)."""
        headers = {name.replace("_", "-"): value for name, value in changes.items() if name != "target"}
        return replace(self, target=changes.get("target", self.target), headers=self.headers | headers)

    def changed(self, others):
        """With each byte of target, id and time changed in turn to each of `others(byte)`."""
        for at, byte in enumerate(self.target):
            for other in others(byte):
                yield self.having(target=put(self.target, at, other))
        for name in ("webhook-id", "webhook-timestamp"):
            for at, byte in enumerate(self.headers[name]):
                for other in others(byte):
                    yield self.having(**{name.replace("-", "_"): put(self.headers[name], at, other)})


def put(text, at, byte):
    return text[:at] + byte + text[at + 1 :]


class Receiver:
    """An application that is called back. Listens from `with` to the end of its block."""

    def __enter__(self):
        self.arrivals = []
        self.news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                _, target, _ = self.requestline.split(" ")
                headers = {name: self.headers[name] for name in SIGNED}
                with receiver.news:
                    receiver.arrivals.append(Arrival(target, headers))
                    receiver.news.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def heard(self, times, part=""):
        """Waits for so many requests whose target has this part."""
        found = lambda: [it for it in self.arrivals if part in it.target]  # noqa: E731
        with self.news:
            if not self.news.wait_for(lambda: len(found()) >= times, PATIENCE):
                raise AssertionError(f"{times} requests with {part!r} did not come; there were {self.arrivals}")
            return found()
