"""P2, P5, P7, P8, P9: jobs on their way in, through and out."""
import http.client
import http.server
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time

from bench_support import (Folder, Host, Process, busy, call, finish, high, machine, middle, program,
                           simulate, wrk)

HERE = os.path.dirname(__file__)


def raw_commits(folder, env=None):
    """Rows per second."""
    return float(subprocess.run([program("raw-group-commit"), os.path.join(folder, "raw.db"), "16", "3"],
                                check=True, stdout=subprocess.PIPE, text=True, env=env).stdout)


def submit(table):
    script = os.path.join(HERE, "submit.lua")
    flask = os.path.join(HERE, "peers", "flask_stack.py")
    to_flask, to_raw, ours = [], [], []
    for _ in range(5):
        with Folder() as other, Process(["/usr/bin/python3", flask, other]) as peer:
            theirs = wrk(peer.port, "/api/v1/generate", 16, 3, script)
        with Folder() as folder, busy() as sim, \
                Host(folder, endpoints=[machine("M", sim)], max_queued_jobs=1_000_000) as host:
            ours.append(wrk(host.port, "/api/v1/generate", 16, 3, script))
        with Folder() as raw:
            rows = raw_commits(raw)
        to_flask.append(ours[-1] / theirs)
        to_raw.append(ours[-1] / rows)
    table.add("P2", "submit at 16 clients, to the Flask stack", f"{middle(to_flask):.1f}", ">= 10",
              middle(to_flask) >= 10, f"{middle(ours):,.0f} jobs/s")
    table.add("P2", "submit at 16 clients, to raw SQLite group commit", f"{middle(to_raw):.2f}", ">= 0.7",
              middle(to_raw) >= 0.7)
    slow_disk(table)


def slow_disk(table):
    """Where a sync costs nothing, the ratio above tells what HTTP and JSON cost beside an INSERT; with a
    sync of 2 ms it tells how well syncs are shared."""
    script = os.path.join(HERE, "submit.lua")
    slow = {**os.environ, "LD_PRELOAD": os.path.abspath(program("libslow-disk.so")), "SLOW_DISK_MS": "2"}
    ours, ratios = [], []
    for _ in range(5):
        with Folder() as folder, busy() as sim, \
                Host(folder, env=slow, endpoints=[machine("M", sim)], max_queued_jobs=1_000_000) as host:
            ours.append(wrk(host.port, "/api/v1/generate", 16, 3, script))
        with Folder() as raw:
            ratios.append(ours[-1] / raw_commits(raw, slow))
    table.add("P2", "the same with 2 ms more for each sync", f"{middle(ratios):.2f}", ">= 0.7",
              middle(ratios) >= 0.7, f"{middle(ours):,.0f} jobs/s")


def makespan(table):
    """Two unequal endpoints, a model that writes every prompt, 12 runs on each."""
    fast, slow, writing, runs = 1.0, 2.0, 0.5, 12
    with Folder() as folder, simulate("sim-endpoint", "--seconds", str(fast)) as one, \
            simulate("sim-endpoint", "--seconds", str(slow)) as two, \
            simulate("sim-llm", "--seconds", str(writing)) as llm, \
            Host(folder, endpoints=[machine("A", one), machine("B", two)],
                 prompt={"plugin": "chat",
                         "settings": {"url": f"http://127.0.0.1:{llm.port}", "model": "sim-model"}}) as host:
        begun = time.perf_counter()
        job = call(host.port, "POST", "/api/v1/generate",
                   {"prompt": "a boat", "random": True, "count": runs})[1]["job_id"]
        assert finish(host.port, job)["status"] == "completed"
        took = time.perf_counter() - begun
    ideal = writing + runs * slow
    table.add("P5", "makespan on unequal endpoints with written prompts, to the ideal", f"{took / ideal:.3f}",
              "<= 1.02", took / ideal <= 1.02, f"{took:.1f} s of {ideal:.1f} s")


def fill(database):
    """A million finished jobs with a picture each, ten thousand queued ones, made with SQL from one
    real job of each kind."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous=OFF")

    def copy(name, where, count, changes):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        values = ", ".join(changes.get(column, f"{name}.{column}") for column in columns)
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
            f"INSERT INTO {name}({', '.join(columns)}) SELECT {values} FROM {name}, n WHERE {where}")

    done = connection.execute("SELECT id, seq FROM jobs WHERE status = 'completed'").fetchone()
    many, waiting = 1_000_000, 10_000
    copy("jobs", f"jobs.id = '{done[0]}'", many, {"seq": "10 + i", "id": "printf('d%07d', i)"})
    copy("items", f"items.job_id = '{done[0]}'", many, {"job_id": "printf('d%07d', i)"})
    copy("images", f"images.job_id = '{done[0]}'", many, {
        # A picture's row id carries its time: milliseconds, times 2^21.
        "id": "images.id + (i - 2000000) * 1000 * 2097152", "filename": "printf('gen_%07d.png', i)",
        "mtime": "images.mtime - 2000000 + i", "job_id": "printf('d%07d', i)",
        "prompt": "'a boat number ' || i || ' on a ' || "
                  "(CASE i % 5 WHEN 0 THEN 'lake' WHEN 1 THEN 'sea' ELSE 'river' END)"})
    copy("jobs", "jobs.status = 'queued'", waiting, {
        "seq": f"{many} + 100 + i", "id": "printf('q%07d', i)"})
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    os.sync()  # else the host's own syncs wait for all that


def bare_sync(file):
    """Milliseconds of one sync after a small write."""
    file.write(bytes(8192))
    begun = time.perf_counter()
    os.fdatasync(file.fileno())
    return (time.perf_counter() - begun) * 1000


def claim(host, runs=1):
    """Milliseconds that a claim takes, on the average over the runs of one job."""
    def so_far():
        text = call(host.port, "GET", "/metrics")[1].decode()
        figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("ipl_claim_seconds_"))
        return float(figures["ipl_claim_seconds_sum"]), float(figures["ipl_claim_seconds_count"])

    before = so_far()
    job = {"prompt": "a quick boat", "count": runs, "endpoints": ["Quick"]}
    finish(host.port, call(host.port, "POST", "/api/v1/generate", job)[1]["job_id"])
    seconds, count = (after - was for after, was in zip(so_far(), before))
    return seconds / count * 1000


def million(table):
    with Folder() as folder, busy() as sim, simulate("sim-endpoint", "--seconds", "0") as quick:
        endpoints = [machine("Busy", sim), {"name": "Sketch", "plugin": "sketch"}, machine("Quick", quick)]
        with Host(folder, endpoints=endpoints) as host:
            done = {"prompt": "a boat on a lake", "size": "0.5mp", "steps": 1, "endpoints": ["Sketch"]}
            finish(host.port, call(host.port, "POST", "/api/v1/generate", done)[1]["job_id"])
            for _ in range(2):
                call(host.port, "POST", "/api/v1/generate", {"prompt": "b", "endpoints": ["Busy"]})
        # Without the folder the gallery's rows are left alone: there are no million files.
        shutil.rmtree(os.path.join(folder, "output"))
        fill(os.path.join(folder, "jobs.db"))
        begun = time.perf_counter()
        with Host(folder, endpoints=endpoints, max_queued_jobs=20_000) as host:
            started = (time.perf_counter() - begun) * 1000
            queue = call(host.port, "GET", "/api/v1/queue")[1]["queue_size"]
            table.add("P7", "start with 1,000,000 jobs, 10,000 of them queued", f"{started:.0f} ms", "< 300 ms",
                      started < 300, f"queue_size {queue}")
            claims, syncs = [], []
            with open(os.path.join(folder, "sync"), "wb", buffering=0) as file:
                for _ in range(100):  # in turn, for both are slower after a pause
                    claims.append(claim(host))
                    syncs.append(bare_sync(file))
            table.add("P7", "claim of an item, until it is on disk", f"{middle(claims):.2f} ms", "< 1 ms",
                      middle(claims) < 1, f"p99 {high(claims):.1f} ms; a bare sync {middle(syncs):.2f} ms; "
                      f"in a job of 64 {claim(host, 64):.2f} ms")
            for name, path, bound in (
                    ("status", "/api/v1/status/d0500000", 1), ("first page of jobs", "/api/v1/jobs", 5),
                    ("queue", "/api/v1/queue", 5), ("first page of the gallery", "/api/v1/gallery", 5),
                    ("gallery search", "/api/v1/gallery?q=lake", 50)):
                times = []
                connection = None
                for _ in range(50):
                    status, _, took = call(host.port, "GET", path, connection=connection)
                    assert status == 200
                    times.append(took * 1000)
                table.add("P7", f"{name} over HTTP, new connection each", f"{middle(times):.2f} ms",
                          f"< {bound} ms", middle(times) < bound, f"p99 {high(times):.1f} ms")


def start(table):
    with Folder() as folder:
        Host(folder).stop()
        times, memory = [], 0.0
        for _ in range(7):
            begun = time.perf_counter()
            with Host(folder) as host:
                assert call(host.port, "GET", "/health")[0] == 200
                times.append((time.perf_counter() - begun) * 1000)
                time.sleep(1)
                memory = host.resident
        table.add("P8", "warm start to healthy, all embedded plugins", f"{middle(times):.0f} ms", "< 100 ms",
                  middle(times) < 100)
        table.add("P8", "resident memory when idle", f"{memory:.1f} MB", "< 25 MB", memory < 25)


class Machine(http.server.BaseHTTPRequestHandler):
    """An endpoint that draws in no time and notes when it was asked and when it was done."""
    protocol_version = "HTTP/1.1"
    picture = b""
    asked = {}
    served = {}

    def log_message(self, *_):
        pass

    def reply(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        at = time.perf_counter()
        prompt = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["prompt"]
        Machine.asked[prompt] = at
        self.reply(json.dumps({"success": True, "images": [{"filename": prompt + ".png"}]}).encode(),
                   "application/json")

    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        Machine.served[name] = time.perf_counter()
        self.reply(Machine.picture if name else b"ok", "image/png")


def latency(table):
    """Events tell when a picture is in the gallery: they are sent after its row is on disk."""
    from measures_http import png_of
    Machine.picture = png_of(1_500_000)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Machine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = {"name": "M", "plugin": "endpoint",
                "settings": {"ip": "127.0.0.1", "port": server.server_port}}
    sent, listed = {}, {}
    with Folder() as folder, Host(folder, endpoints=[endpoint]) as host:
        arrived = threading.Event()

        def follow():
            connection = http.client.HTTPConnection("127.0.0.1", host.port)
            connection.request("GET", "/api/v1/events")
            answer = connection.getresponse()
            arrived.set()
            kind = b""
            while line := answer.readline():
                if line.startswith(b"event:"):
                    kind = line[6:].strip()
                elif line.startswith(b"data:") and kind == b"image":
                    listed[json.loads(line[5:])["prompt_used"]] = time.perf_counter()
                    arrived.set()

        threading.Thread(target=follow, daemon=True).start()
        arrived.wait()
        for number in range(200):
            arrived.clear()
            sent[f"job{number}"] = time.perf_counter()
            call(host.port, "POST", "/api/v1/generate", {"prompt": f"job{number}"})
            arrived.wait(10)
            time.sleep(0.1)  # the host is to be idle: not at work on this picture's thumbnail
        server.shutdown()
    there = [(Machine.asked[name] - at) * 1000 for name, at in sent.items()]
    back = [(listed[name] - Machine.served[name + ".png"]) * 1000 for name in sent]
    table.add("P9", "from submit to the endpoint's request", f"p99 {high(there):.1f} ms", "< 5 ms",
              high(there) < 5, f"median {middle(there):.1f} ms")
    table.add("P9", "from the endpoint's answer (1.5 MB) to the gallery", f"p99 {high(back):.1f} ms", "< 15 ms",
              high(back) < 15, f"median {middle(back):.1f} ms")
