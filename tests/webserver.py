"""A web server on this machine for the tests of downloads, which can be told to misbehave."""

from __future__ import annotations

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Web:
    """Serves `files` by path. What goes wrong is said in the attributes; `asked` lists (path, Range header)."""

    def __init__(self):
        self.files = {}
        self.asked = []
        self.ranges = True  # whether a Range is obeyed
        self.breaks = []  # for each answer in turn: after how many bytes the connection breaks (None: it does not)
        self.stalls = []  # the same, but it stays open and nothing more comes
        self.errors = []  # for each request in turn: an HTTP status in place of an answer (None: none)
        self.redirects = {}
        self.headers = {}  # changes to the headers of every answer; None leaves one out
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def _handler(web):
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                path, wanted = self.path.strip("/"), self.headers.get("Range")
                web.asked.append((path, wanted))
                status = web.errors.pop(0) if web.errors else None
                if path in web.redirects:
                    return self.answer(302, {"Location": web.redirects[path], "Content-Length": "0"})
                if status or path not in web.files:
                    return self.answer(status or 404, {"Content-Length": "0"})
                data, start = web.files[path], 0
                headers = {"Content-Length": str(len(data))}
                if wanted and web.ranges:
                    start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
                    if start >= len(data):
                        return self.answer(
                            416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"}
                        )
                    place = f"bytes {start}-{len(data) - 1}/{len(data)}"
                    headers = {"Content-Length": str(len(data) - start), "Content-Range": place}
                self.answer(206 if start else 200, headers)
                stop = web.breaks.pop(0) if web.breaks else None
                stall = web.stalls.pop(0) if web.stalls else None
                last = min([len(data), *(start + n for n in (stop, stall) if n is not None)])
                self.wfile.write(data[start:last])
                self.wfile.flush()
                if stall is not None:
                    web.released.wait(20)
                self.close_connection = True
                return None

            def answer(self, status, headers):
                self.send_response(status)
                for name, value in {**headers, **web.headers}.items():
                    if value is not None:
                        self.send_header(name, value)
                self.end_headers()

        return Handler

    def wait_for(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.01)
