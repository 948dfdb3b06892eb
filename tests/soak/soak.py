"""A mixed load with faults against the release build; see run.sh. Everything stays on the loopback and ends by
itself. Exit status 1 when something grew, a job was lost or an answer was wrong."""
import argparse
import os
import random
import re
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
import bench_support as support  # noqa: E402
import load  # noqa: E402

MACHINE_FAULTS = ("", "refuse", "close", "hang", "hang-mid", "cut", "endless-headers", "endless-body", "wrong-length",
                  "success-false", "html-500", "busy-503", "garbage-json", "no-images", "hostile-name",
                  "repeated-name", "truncated", "html-as-png", "cut-picture", "picture-404", "endless-picture",
                  "hang-picture")
MODEL_FAULTS = ("", "prose", "broken-stream", "no-done", "error-mid-stream", "busy-429", "cut-json",
                "reasoning-json", "empty", "reasoning-only", "http-500", "hang", "hang-mid", "endless-stream")
COMFYUI_FAULTS = ("", "", "partial", "fail", "out-of-memory", "forget", "hang", "lost-file", "no-socket", "cut-socket",
                  "mute-socket")
A1111_FAULTS = ("", "", "fail", "out-of-memory", "no-picture", "not-a-picture", "interrupted", "hang", "close",
                "html-500")
IMAGES_FAULTS = ("", "", "rate-limit", "quota", "policy", "fail", "html-500", "no-picture", "not-a-picture", "hang",
                 "close", "cut", "error-event")
HEALTH_SECONDS = 0.1  # 99 of 100 answers have to be faster
# What may come on top between the first and the last third of the time after the warm-up: noise of the load.
# The bounded caches (8 MB of status texts, 8 MB of events, 32 MB of database pages) fill during the first quarter
# of an hour; before that memory has only its ceiling.
WARM_UP_MINUTES = 15
CEILING_MB = 128
SPARE = {"descriptors": (40, 0.15), "threads": (4, 0.05), "resident MB": (6, 0.08)}
# At rest, before and after. (Threads of pools are started when they are first needed, and stay.)
SPARE_AT_REST = {"descriptors": 12}
SAMPLE_SECONDS = 5


class Rotation(threading.Thread):
    """A simulator that comes back on its port with another fault every so often, and is away in between."""

    def __init__(self, book, name, faults, arguments):
        super().__init__(daemon=True)
        self.book, self.name_, self.faults, self.arguments = book, name, faults, arguments
        self.chance = random.Random(f"{book.seed}/{name}")
        self.process = support.simulate(name, *arguments)
        self.port = self.process.port

    def run(self):
        while not self.book.over.wait(self.chance.uniform(8, 16)):
            self.process.stop()
            self.book.over.wait(self.chance.choice([0, 0, 3]))
            fault = self.chance.choice(self.faults)
            self.start_again(["--fault", fault] if fault else [])
        # Healthy at the end, so that what waits can finish.
        self.process.stop()
        self.start_again([])

    def start_again(self, extra):
        self.process = support.Process([support.program(self.name_), "--port", str(self.port), *self.arguments,
                                        *extra])
        self.book.count(f"{self.name_} restarts")


def backend(name, plugin, rotation, **settings):
    return {"name": name, "plugin": plugin, "timeout_seconds": 5,
            "settings": {"url": f"http://127.0.0.1:{rotation.port}", **settings}}


def sample(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = file.read()
    return {"descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(re.search(r"Threads:\s+(\d+)", status).group(1)),
            "resident MB": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024}


def thirds(samples):
    """Medians of the first and the last third after the warm-up, at most half of the time."""
    used = samples[min(WARM_UP_MINUTES * 60 // SAMPLE_SECONDS, len(samples) // 2):]
    part = max(1, len(used) // 3)
    return {key: (statistics.median(s[key] for s in used[:part]),
                  statistics.median(s[key] for s in used[-part:])) for key in SPARE}


def settle(host, book):
    """Waits until every accepted job has ended; names those that do not when none does any more."""
    left = list(book.accepted)
    ended = {}
    until = time.monotonic() + 180
    while left and time.monotonic() < until:
        before = len(left)
        still = []
        for job in left:
            status, answer, _ = support.call(host.port, "GET", f"/api/v1/status/{job}")
            if status != 200:
                book.fault(f"accepted job {job} is gone: {status}")
            elif answer["status"] in ("completed", "failed", "cancelled"):
                ended[answer["status"]] = ended.get(answer["status"], 0) + 1
            else:
                still.append(job)
        left = still
        if len(left) < before:
            until = time.monotonic() + 180
        if left:
            time.sleep(1)
    for job in left:
        book.fault(f"job {job} did not end")
    return ended


def at_rest(host, before):
    """The figures once they are back to what they were at the beginning, or after a minute."""
    now = {}
    for _ in range(60):
        now = sample(host.process.pid)
        if all(now[key] <= before[key] + spare for key, spare in SPARE_AT_REST.items()):
            break
        time.sleep(1)
    return now


def judge_health(book):
    times = sorted(book.health_times)
    if not times:
        book.fault("/health never answered")
        return
    late = times[len(times) * 99 // 100]
    if late > HEALTH_SECONDS:
        book.fault(f"/health: one of a hundred took {late * 1000:.0f} ms")
    print(f"/health: {len(times)} answers, median {statistics.median(times) * 1000:.1f} ms, 99 % within "
          f"{late * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms")


def judge(book, samples, before, after):
    print("\n| figure | at rest before | first third | last third | highest | at rest after | flat |")
    print("|---|---|---|---|---|---|---|")
    warm = len(samples) * SAMPLE_SECONDS >= 2 * WARM_UP_MINUTES * 60
    for key, (first, last) in thirds(samples).items():
        least, part = SPARE[key]
        flat = last <= first + max(least, first * part)
        if key == "resident MB":
            flat = (flat or not warm) and max(s[key] for s in samples) <= CEILING_MB
        rest = before[key] + SPARE_AT_REST[key] if key in SPARE_AT_REST else first + least
        flat = flat and after[key] <= rest
        if not flat:
            book.fault(f"{key} grew: {first:.1f} -> {last:.1f}, at rest {before[key]:.1f} -> {after[key]:.1f}")
        print(f"| {key} | {before[key]:.1f} | {first:.1f} | {last:.1f} | {max(s[key] for s in samples):.1f} | "
              f"{after[key]:.1f} | {'yes' if flat else 'NO'} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    given = parser.parse_args()
    support.BIN = given.bin
    book = load.Book(given.seed)
    print(f"{given.minutes:g} minutes, seed {given.seed}", flush=True)
    steady = support.simulate("sim-endpoint", "--seconds", "0.3", "--jitter", "0.5", "--fail-rate", "0.03")
    faulty = Rotation(book, "sim-endpoint", MACHINE_FAULTS, ["--seconds", "0.2", "--jitter", "0.5"])
    model = Rotation(book, "sim-llm", MODEL_FAULTS, ["--seconds", "0.2", "--parallel"])
    comfyui = Rotation(book, "sim-comfyui", COMFYUI_FAULTS, ["--seconds", "0.4", "--jitter", "0.5"])
    a1111 = Rotation(book, "sim-a1111", A1111_FAULTS, ["--seconds", "0.4", "--jitter", "0.5"])
    images = Rotation(book, "sim-openai-images", IMAGES_FAULTS, ["--seconds", "0.4", "--jitter", "0.5"])
    rotations = (faulty, model, comfyui, a1111, images)
    chat = {"plugin": "chat", "settings": {"url": f"http://127.0.0.1:{model.port}"}, "concurrency": 2,
            "timeout_seconds": 20}
    endpoints = [{**support.machine("Steady", steady), "timeout_seconds": 20},
                 {**support.machine("Faulty", faulty), "timeout_seconds": 5},
                 {"name": "Sketch", "plugin": "sketch"},
                 backend("Comfy", "comfyui", comfyui, model="model.safetensors"),
                 backend("Automatic", "a1111", a1111),
                 backend("Cloud", "openai_images", images, model="gpt-image-1")]
    with support.Folder() as folder, support.Host(folder, endpoints=endpoints, prompt=chat, vision=chat,
                                                  trash_days=0, max_queued_jobs=200,
                                                  logging_level="ERROR") as host:
        before = sample(host.process.pid)
        for rotation in rotations:
            rotation.start()
        clients = load.begin(book, host.ports)
        samples = []
        end = time.monotonic() + given.minutes * 60
        while time.monotonic() < end and host.process.poll() is None:
            time.sleep(min(SAMPLE_SECONDS, max(0.1, end - time.monotonic())))
            samples.append(sample(host.process.pid))
            if len(samples) * SAMPLE_SECONDS % 60 == 0:
                print(f"{len(samples) * SAMPLE_SECONDS / 60:.0f} min: {samples[-1]}", flush=True)
        book.over.set()
        for thread in (*clients, *rotations):
            thread.join(120)
        if host.process.poll() is not None:
            print(f"THE HOST DIED with {host.process.returncode}")
            return 1
        ended = settle(host, book)
        after = at_rest(host, before)
        judge(book, samples, before, after)
        print(f"\n{len(book.accepted)} jobs accepted, ended: {ended}")
        judge_health(book)
        print("calls: " + ", ".join(f"{what} {n}" for what, n in sorted(book.counts.items())))
    for simulator in (steady, *(rotation.process for rotation in rotations)):
        simulator.stop()
    for fault in book.faults[:20]:
        print(f"FAULT: {fault[:500]}")
    print(f"{len(book.faults)} faults")
    return 1 if book.faults else 0


if __name__ == "__main__":
    sys.exit(main())
