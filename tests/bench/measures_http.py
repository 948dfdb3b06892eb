"""P1, P3, P4, P6: what the front takes and how fast it answers."""
import base64
import http.client
import os
import socket
import subprocess
import time
import zlib

from bench_support import Folder, Host, Process, busy, call, finish, high, machine, middle, program, wrk

ROUNDS = 5


def small_answers(table):
    with Folder() as folder, Process([program("stock-poco"), "80"]) as stock, Host(folder) as host:
        job = call(host.port, "POST", "/api/v1/generate", {"prompt": "a boat", "size": "0.5mp"})[1]["job_id"]
        finish(host.port, job)
        for path in ("/health", f"/api/v1/status/{job}"):
            for connections in (16, 64):
                ratios, ours = [], []
                for _ in range(ROUNDS):
                    peer = wrk(stock.port, "/", connections, 2)
                    ours.append(wrk(host.port, path, connections, 2))
                    ratios.append(ours[-1] / peer)
                name = path if path == "/health" else "/api/v1/status/{id}"
                table.add("P1", f"{name}, {connections} connections, to stock Poco",
                          f"{middle(ratios):.2f}", ">= 0.75", middle(ratios) >= 0.75,
                          f"{middle(ours):,.0f}/s")


def parked_connections(table):
    with Folder() as folder, Host(folder) as host:
        before = host.resident
        held = []
        for number in range(6000):
            held.append(socket.create_connection(("127.0.0.1", host.port)))
            if number % 6 == 0:
                held[-1].sendall(b"POST /api/v1/generate HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        times = []
        for number in range(200):
            # The slow ones keep sending.
            for slow in held[number % 6::600]:
                try:
                    slow.sendall(b" ")
                except OSError:
                    pass
            times.append(call(host.port, "GET", "/health")[2] * 1000)
        more = host.resident - before
        for connection in held:
            connection.close()
        table.add("P3", "/health on a new connection beside 5,000 idle and 1,000 slow ones",
                  f"p99 {high(times):.1f} ms", "< 10 ms", high(times) < 10, f"median {middle(times):.2f} ms")
        table.add("P3", "memory for them", f"{more:.1f} MB", "< 20 MB", more < 20)


def event_streams(table):
    with Folder() as folder, busy() as sim, \
            Host(folder, endpoints=[machine("M", sim)]) as host:
        before = host.resident
        streams = subprocess.Popen([program("event-streams"), str(host.port), "2000"], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert streams.stdout.readline() == "open\n"
        more = host.resident - before
        for _ in range(30):
            call(host.port, "POST", "/api/v1/generate", {"prompt": "a boat"})
            time.sleep(0.3)
        streams.stdin.write("\n")
        streams.stdin.flush()
        count, _, p99 = streams.stdout.readline().split()
        streams.stdin.close()
        streams.wait()
        table.add("P4", "2,000 event streams, from an event to the last client", f"p99 {float(p99):.0f} ms",
                  "< 100 ms", float(p99) < 100, f"{int(count):,} deliveries")
        table.add("P4", "memory for them", f"{more:.1f} MB", "< 4 MB", more < 4)


def png_of(size):
    """A valid PNG of about `size` bytes that does not compress."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    side = int((size / 3) ** 0.5)
    rows = b"".join(b"\0" + os.urandom(side * 3) for _ in range(side))
    header = side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0))
            + chunk(b"IEND", b""))


def large_pictures(table):
    picture = png_of(10_300_000)
    as_json = (b'{"prompt": "a boat", "image": "' + base64.b64encode(picture) + b'"}',
               {"Content-Type": "application/json"})
    edge = b"--bench-edge\r\nContent-Disposition: form-data; name="
    as_form = (edge + b'"prompt"\r\n\r\na boat\r\n' + edge
               + b'"image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + picture
               + b"\r\n--bench-edge--\r\n", {"Content-Type": "multipart/form-data; boundary=bench-edge"})
    flask = os.path.join(os.path.dirname(__file__), "peers", "flask_stack.py")
    with Folder() as folder, Folder() as other, busy() as sim, \
            Process(["/usr/bin/python3", flask, other]) as peer, \
            Host(folder, endpoints=[machine("M", sim)]) as host:
        for name, (body, headers), target in (("JSON", as_json, 3), ("multipart", as_form, 1.5)):
            ratios, ours = [], []
            for _ in range(9):
                times = {}
                for port in (peer.port, host.port):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                    status, answer, times[port] = call(port, "POST", "/api/v1/generate", body, headers,
                                                       connection)
                    assert status == 200, answer
                    connection.close()
                ratios.append(times[peer.port] / times[host.port])
                ours.append(times[host.port] * 1000)
            table.add("P6", f"10 MB picture as {name}, times faster than the Flask stack",
                      f"{middle(ratios):.1f}", f">= {target}", middle(ratios) >= target,
                      f"{middle(ours):.0f} ms")
