"""What the measures share: processes, load, HTTP, figures of a process, the table."""
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time

BIN = ""


class Process:
    """A program that prints a line when it is ready; `ready` finds the port in it."""

    def __init__(self, arguments, ready=r"listening on (\d+)", **options):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, **options)
        self.port = None
        for line in self.process.stdout:
            found = re.search(ready, line)
            if found:
                self.port = int(found.group(1)) if found.groups() else None
                return
        raise RuntimeError(f"{arguments[0]} did not start")

    @property
    def resident(self):
        """Megabytes of memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Folder:
    """On the disk that the tree is on: a temporary one may be memory, where a sync costs nothing."""

    def __enter__(self):
        os.makedirs(os.path.join(BIN, "../runs"), exist_ok=True)
        self.path = tempfile.mkdtemp(dir=os.path.join(BIN, "../runs"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Host(Process):
    """The product in a folder of its own, on free ports."""

    def __init__(self, folder, env=None, **config):
        path = os.path.join(folder, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"version": "2.0", "output_directory": "output", "database_path": "jobs.db",
                       "dual_gen_port": 0, "json_from_image_port": 0, "create_json_port": 0,
                       "shutdown_grace_seconds": 0, "logging_level": "WARNING", **config}, file)
        super().__init__([program("image-pipeline"), "--config", path], r"dual_gen http://[^:]+:(\d+)", env=env)
        self.ports = {"dual_gen": self.port}
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
            service, _, address = line.strip().partition(" ")
            self.ports[service] = int(address.rpartition(":")[2])
        raise RuntimeError("the host did not become ready")


def program(name):
    return os.path.join(BIN, name)


def simulate(name, *arguments):
    return Process([program(name), "--port", "0", *arguments])


def machine(name, simulator):
    return {"name": name, "plugin": "endpoint",
            "settings": {"ip": "127.0.0.1", "port": simulator.port}}


# Takes every job and never finishes one: what is measured is the way in.
def busy():
    return simulate("sim-endpoint", "--seconds", "3600")


def wrk(port, path, connections, seconds, script=None):
    """Requests per second over kept connections, from one thread of load."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    if script:
        command += ["-s", script]
    out = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    if "Non-2xx" in out:
        raise RuntimeError(f"{path}: some answers were errors\n{out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def call(port, method, path, body=None, headers=None, connection=None):
    """(status, parsed body, seconds)"""
    mine = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    data = json.dumps(body) if isinstance(body, (dict, list)) else body
    sent = dict(headers or {})
    if isinstance(body, (dict, list)):
        sent["Content-Type"] = "application/json"
    mine.request(method, path, data, sent)
    answer = mine.getresponse()
    text = answer.read()
    took = time.perf_counter() - begun
    if not connection:
        mine.close()
    kind = answer.headers.get("Content-Type", "")
    return answer.status, json.loads(text) if "json" in kind else text, took


def finish(port, job, seconds=300):
    """The job's status once it is over. It is asked for again with every event of the job."""
    until = time.monotonic() + seconds
    follower = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    follower.request("GET", f"/api/v1/jobs/{job}/events")
    events = follower.getresponse()
    try:
        while True:
            status = call(port, "GET", f"/api/v1/status/{job}")[1]
            if status["status"] in ("completed", "failed", "cancelled"):
                return status
            while not (line := events.readline()).startswith(b"event: job"):
                if not line or time.monotonic() > until:
                    raise RuntimeError(f"job {job} did not end")
    finally:
        follower.close()


def middle(values):
    return statistics.median(values)


def high(values, part=0.99):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


class Table:
    def __init__(self):
        self.rows = []

    def add(self, number, what, measured, target, met, note=""):
        self.rows.append((number, what, measured, target, "yes" if met else "NO", note))
        print(f"{number}  {what}: {measured} (target {target}) {'' if met else '<-- missed'} {note}",
              flush=True)

    def show(self):
        print("\n| | measure | here | target | met | beside it |\n|---|---|---|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")
