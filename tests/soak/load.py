"""The clients of the soak: each is a loop that does one thing a user, a script or a broken program does, at a
bounded rate, until the run is over. What the contract promises of an answer is checked here."""
import base64
import http.client
import json
import random
import socket
import struct
import threading
import time
import zlib

OWN_FAULTS = ("INTERNAL_ERROR",)


def png(side, seed):
    """A small picture that no other call made."""
    rows = b"".join(b"\0" + bytes((seed * 7 + x * y) & 255 for x in range(side * 3)) for y in range(side))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Book:
    """What was promised and what went wrong. Thread-safe."""

    def __init__(self, seed):
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.seed = seed
        self.accepted = []
        self.faults = []
        self.counts = {}
        self.health_times = []

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def fault(self, what):
        with self.lock:
            self.faults.append(what)

    def accept(self, job):
        with self.lock:
            self.accepted.append(job)

    def some_job(self, chance):
        with self.lock:
            return chance.choice(self.accepted[-200:]) if self.accepted else None


class Client(threading.Thread):
    """Calls act() until the run is over, with a pause of about `pause` seconds."""

    pause = 0.1

    def __init__(self, book, ports, number):
        super().__init__(daemon=True)
        self.book = book
        self.ports = ports
        self.chance = random.Random(f"{book.seed}/{type(self).__name__}/{number}")

    def run(self):
        while not self.book.over.is_set():
            try:
                self.act()
            except (OSError, http.client.HTTPException) as problem:
                self.broken_off(problem)
            except Exception as problem:  # an answer that is not what it should be
                self.book.fault(f"{type(self).__name__}: {problem!r}")
            self.book.over.wait(self.pause * self.chance.uniform(0.3, 1.7))

    def act(self):
        raise NotImplementedError

    def broken_off(self, problem):
        """The connection failed: a busy host may drop one."""
        self.book.count(f"{type(self).__name__}: {type(problem).__name__}")

    def call(self, method, path, body=None, service="dual_gen", headers=None, limit=60):
        """(status, body); notes answers that the host has to be ashamed of."""
        line = http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=limit)
        try:
            sent = dict(headers or {})
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            line.request(method, path, body, sent)
            answer = line.getresponse()
            text = answer.read()
            self.book.count(f"{method} {answer.status}")
            if "json" in (answer.headers.get("Content-Type") or ""):
                text = json.loads(text)
                error = text.get("error") if isinstance(text, dict) else None
                if isinstance(error, dict) and error.get("code") in OWN_FAULTS:
                    self.book.fault(f"{method} {path}: {text}")
            return answer.status, text
        finally:
            line.close()


class Submitter(Client):
    pause = 0.5

    def act(self):
        chance = self.chance
        request = {"prompt": f"a {chance.choice(['boat', 'tower', 'fox'])} number {chance.randrange(10**6)}",
                   "count": chance.randint(1, 3), "priority": chance.randint(-3, 3), "size": "0.5mp",
                   "steps": chance.randint(1, 20), "random": chance.random() < 0.3,
                   "endpoints": chance.choice(["all", "any", "any", "any", ["Steady", "Sketch"], ["Faulty"],
                                               ["Comfy", "Automatic"], ["Cloud"]])}
        if chance.random() < 0.2:
            request["image"] = base64.b64encode(png(48, chance.randrange(256))).decode()
        headers = {}
        if chance.random() < 0.2:
            headers["Idempotency-Key"] = f"key-{chance.randrange(10**9)}"
        status, answer = self.call("POST", "/api/v1/generate", request, headers=headers)
        if status == 200:
            self.book.accept(answer["job_id"])
        elif status != 503:
            self.book.fault(f"a good request was refused: {status} {answer}")


class FormSubmitter(Client):
    """Sends jobs as browsers do, and the same request twice under one key, as a script does that lost its answer."""
    pause = 2.0

    def act(self):
        edge = f"edge{self.chance.randrange(10**9)}"
        picture = png(40, self.chance.randrange(256))
        body = (f"--{edge}\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na form\r\n"
                f"--{edge}\r\nContent-Disposition: form-data; name=\"endpoints\"\r\n\r\nany\r\n"
                f"--{edge}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n"
                "Content-Type: image/png\r\n\r\n").encode() + picture + f"\r\n--{edge}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "Idempotency-Key": edge}
        jobs = set()
        for _ in range(2):
            status, answer = self.call("POST", "/api/v1/generate", body, headers=headers)
            if status == 200:
                jobs.add(answer["job_id"])
            elif status != 503:
                self.book.fault(f"a good form was refused: {status} {answer}")
        if len(jobs) > 1:
            self.book.fault(f"one key made two jobs: {jobs}")
        for job in jobs:
            self.book.accept(job)


class Foreigner(Client):
    """Programs that speak OpenAI's or A1111's API; sometimes they hang up while they wait."""
    pause = 1.0

    def act(self):
        patience = self.chance.choice([0.5, 30, 60])
        if self.chance.random() < 0.5:
            path, body = "/v1/images/generations", {"prompt": "from abroad", "size": "512x512",
                                                    "model": self.chance.choice(["any", "Steady", "Comfy"])}
        else:
            path, body = "/sdapi/v1/txt2img", {"prompt": "from abroad", "steps": 4, "width": 512, "height": 512}
        status, answer = self.call("POST", path, body, limit=patience)
        if status == 200:
            text = answer["data"][0]["b64_json"] if "data" in answer else answer["images"][0]
            base64.b64decode(text, validate=True)
        elif status < 500:
            self.book.fault(f"{path}: {status} {answer}")


class Meddler(Client):
    """Cancels, retries, changes priorities, stars, throws away."""
    pause = 0.3

    def act(self):
        job = self.book.some_job(self.chance)
        if not job:
            return
        what = self.chance.randrange(6)
        if what == 0:
            self.call("DELETE", f"/api/v1/queue/{job}")
        elif what == 1:
            self.call("POST", f"/api/v1/jobs/{job}/retry")
        elif what == 2:
            self.call("PUT", f"/api/v1/jobs/{job}/priority", {"priority": self.chance.randint(-10, 10)})
        elif what == 3:
            self.call("POST", f"/api/v1/endpoints/{self.chance.choice(['Faulty', 'Steady', 'Comfy'])}/test")
        else:
            status, pictures = self.call("GET", "/api/v1/gallery?limit=400")
            if status != 200:
                self.book.fault(f"the gallery: {status} {pictures}")
                return
            if pictures:
                name = self.chance.choice(pictures)["filename"]
                if what == 4:
                    self.call("PUT", f"/api/v1/gallery/{name}/star")
            # The disk does not grow for ever: the oldest go for good (trash_days is 0).
            for picture in pictures[300:]:
                self.call("DELETE", f"/api/v1/gallery/{picture['filename']}")


class Reader(Client):
    pause = 0.05
    paths = ("/api/v1/jobs?limit=50", "/api/v1/queue", "/api/v1/gallery?limit=60", "/api/v1/gallery?q=boat",
             "/api/v1/gallery?q=num&endpoint=Sketch", "/api/v1/endpoints", "/api/v1/limits", "/", "/gallery",
             "/openapi.json", "/api/v1/status/00000000", "/images/none.png", "/static/none.js", "/metrics")

    def act(self):
        service = self.chance.choice(list(self.ports))
        job = self.book.some_job(self.chance)
        if job and self.chance.random() < 0.5:
            status, answer = self.call("GET", f"/api/v1/status/{job}", service=service)
            if status != 200 and status != 502:
                self.book.fault(f"status of an accepted job: {status} {answer}")
            return
        if self.chance.random() < 0.3:
            pictures = self.call("GET", "/api/v1/gallery?limit=20", service=service)[1]
            if isinstance(pictures, list) and pictures:
                picture = self.chance.choice(pictures)
                self.call("GET", picture["url"], service=service, headers={"Range": "bytes=0-999"})
                if picture.get("thumbnail_url"):
                    self.call("GET", picture["thumbnail_url"], service=service)
            return
        self.call("GET", self.chance.choice(self.paths), service=service)


class Watcher(Client):
    """Event streams: read for a while, resumed, left unread, hung up."""
    pause = 0.5

    def act(self):
        job = self.book.some_job(self.chance)
        path = f"/api/v1/jobs/{job}/events" if job and self.chance.random() < 0.5 else "/api/v1/events"
        port = self.ports[self.chance.choice(["dual_gen", "create_json"])]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            resume = "Last-Event-ID: 1\r\n" if self.chance.random() < 0.3 else ""
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{resume}\r\n".encode())
            until = time.monotonic() + self.chance.uniform(0.1, 6)
            unread = self.chance.random() < 0.3
            while time.monotonic() < until and not self.book.over.is_set():
                if unread:
                    self.book.over.wait(0.2)
                    continue
                line.settimeout(0.5)
                try:
                    if not line.recv(65536):
                        break
                except TimeoutError:
                    continue
        self.book.count("event streams")


class Viewer(Client):
    """Vision and the editor's proxies, sometimes with a hang-up in the middle."""
    pause = 1.0

    def act(self):
        picture = base64.b64encode(png(64, self.chance.randrange(256))).decode()
        what = self.chance.randrange(4)
        if what == 0:
            self.call("POST", "/api/analyze", {"image_base64": picture}, service="json_from_image")
        elif what == 1:
            body = json.dumps({"image_base64": picture})
            with socket.create_connection(("127.0.0.1", self.ports["json_from_image"]), timeout=5) as line:
                line.sendall((f"POST /api/analyze HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                              f"\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
                self.book.over.wait(self.chance.uniform(0, 0.4))
        elif what == 2:
            self.call("POST", "/lm/v1/chat/completions", service="create_json",
                      body={"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]})
        else:
            self.call("GET", "/lm/v1/models", service="create_json")


class Vandal(Client):
    """Speaks as no client should."""
    pause = 0.2
    texts = (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
             b"POST /api/v1/generate HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n{\"prompt\"",
             b"POST /api/v1/generate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n",
             b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
             b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Long: " + b"b" * 90000,
             b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
    bodies = ("", "{", "[" * 100000, "{\"prompt\": 5}", "\ud83d", "{\"prompt\": \"x\", \"count\": 1e99}",
              "{\"prompt\": \"x\", \"image\": \"bm8gcGljdHVyZQ==\"}")

    def act(self):
        if self.chance.random() < 0.4:
            body = self.chance.choice(self.bodies).encode("utf-8", "surrogatepass")
            status, answer = self.call("POST", "/api/v1/generate", body,
                                       headers={"Content-Type": "application/json"})
            if status != 400:
                self.book.fault(f"garbage was answered with {status} {answer}")
            return
        port = self.ports[self.chance.choice(list(self.ports))]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(self.chance.choice(self.texts))
            if self.chance.random() < 0.3:
                line.shutdown(socket.SHUT_WR)
            if self.chance.random() < 0.5:
                line.settimeout(1)
                try:
                    while line.recv(65536):
                        pass
                except TimeoutError:
                    pass
        self.book.count("vandalism")


class Idler(Client):
    """Keeps a crowd of silent and of very slow connections."""
    pause = 1.0

    def act(self):
        lines = []
        try:
            for _ in range(100):
                lines.append(socket.create_connection(("127.0.0.1", self.ports["dual_gen"]), timeout=5))
            for _ in range(self.chance.randint(1, 20)):
                for line in lines[:50]:
                    line.sendall(b"G" if self.chance.random() < 0.1 else b"")
                if self.book.over.wait(0.3):
                    break
        finally:
            for line in lines:
                line.close()


class Pulse(Client):
    """/health every half second: it has to answer whatever else goes on."""
    pause = 0.5

    def act(self):
        begun = time.monotonic()
        status, answer = self.call("GET", "/health", limit=10)
        self.book.health_times.append(time.monotonic() - begun)
        if status != 200 or answer.get("status") != "healthy":
            self.book.fault(f"/health: {status} {answer}")

    def broken_off(self, problem):
        self.book.fault(f"/health: {problem!r}")


CROWD = {Submitter: 3, FormSubmitter: 1, Foreigner: 2, Meddler: 1, Reader: 3, Watcher: 6, Viewer: 2, Vandal: 2, Idler: 1, Pulse: 1}


def begin(book, ports):
    clients = [kind(book, ports, number) for kind, many in CROWD.items() for number in range(many)]
    for client in clients:
        client.start()
    return clients
