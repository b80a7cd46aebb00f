"""A receiver of callbacks: an HTTP server on a free port of the loopback address."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from patience import PATIENCE


@dataclass
class Request:
    method: str
    target: str
    headers: dict

    @property
    def path(self):
        return urlsplit(self.target).path

    @property
    def query(self):
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=True))


class Receiver:
    """A receiver that listens from `with` to the end of its block.

    A path that begins with a status, such as `/503/x`, gets it; one that begins with `/503-once` only the first time.
    """

    def __enter__(self):
        self.requests = []
        self.news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one segment: the second would wait 40 ms for the first one's acknowledgement

            def do_GET(self):
                with receiver.news:
                    receiver.requests.append(Request(self.command, self.path, dict(self.headers.items())))
                    receiver.news.notify_all()
                    earlier = sum(it.path == urlsplit(self.path).path for it in receiver.requests) - 1
                first, _, once = self.path.split("/")[1].partition("-")
                status = int(first) if first.isdecimal() and not (once and earlier) else 200
                body = f"this is a {status}".encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def about(self, instance):
        """Returns the requests about an instance so far, in the order of their arrival."""
        with self.news:
            return [request for request in self.requests if request.query["instanceID"] == instance]

    def heard(self, instance, times=1):
        """Waits for this number of requests about an instance."""
        with self.news:
            arrived = lambda: [it for it in self.requests if it.query["instanceID"] == instance]  # noqa: E731
            if not self.news.wait_for(lambda: len(arrived()) >= times, PATIENCE):
                raise AssertionError(f"{times} requests about {instance} did not come; there were {self.requests}")
            return arrived()
