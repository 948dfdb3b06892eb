#!/usr/bin/env python3
"""What servers really sent, out of tests/data, as seeds: recorded_seeds.py TO_FOLDER

Each recording goes to every target that reads its protocol, in the form that the target reads; a
folder of tests/data that no rule is made for is an error.
"""
import json
import pathlib
import struct
import sys

to = pathlib.Path(sys.argv[1])
data = pathlib.Path(__file__).resolve().parent.parent / "data"
PICTURES = {"pictures", "metadata"}  # run.sh gives these as they are


def seed(target, name, content):
    folder = to / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def text_of(body):
    return body if isinstance(body, str) else json.dumps(body)


def body_of(response):
    if "chunks" in response:
        return "".join(chunk.get("text", "") for chunk in response["chunks"])
    return text_of(response.get("body", ""))


def head_of(message, first):
    lines = [first] + [f"{name}: {value}" for name, value in message["headers"]]
    return "\r\n".join(lines) + "\r\n\r\n"


def sent_json(request):
    body = request.get("body")
    return isinstance(body, dict) and "binary_bytes" not in body


def frame_bytes(frame):
    if "json" in frame:
        return json.dumps(frame["json"]).encode()
    return bytes.fromhex(frame.get("hex_first_64", ""))  # a picture's beginning is enough


def frames_of(name, frames):
    """Of a websocket: each kind once for who reads messages, all of them for who reads frames."""
    # The handshake that the target asks for.
    wire = (b"HTTP/1.1 101 Switching Protocols\rUpgrade: websocket\rConnection: upgrade\r"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\r\n")
    kinds = set()
    for frame in frames:
        if "opcode" not in frame:
            continue
        content = frame_bytes(frame)
        size = bytes([len(content)]) if len(content) < 126 else b"\x7e" + struct.pack(">H", len(content))
        wire += bytes([0x80 | frame["opcode"]]) + size + content
        kind = frame["json"]["type"] if "json" in frame else "preview-" + content[:4].hex()
        prompt = frame["json"]["data"].get("prompt_id", "") if "json" in frame else ""
        if kind not in kinds:
            kinds.add(kind)
            seed("comfyui_answer", f"{name}-{kind}", prompt.encode() + b"\n" + content)
    seed("websocket", name, wire)


def comfyui(name, exchange):
    request, response = exchange["request"], exchange["response"]
    answer = response.get("body")
    prompt = request["path"].partition("/history/")[2]
    if isinstance(answer, dict):
        running = answer.get("queue_running") or []
        prompt = running[0][1] if running else answer.get("prompt_id", prompt)
    seed("comfyui_answer", name, f"{prompt}\n{body_of(response)}")
    seed("backend_requests", name, "c\n" + body_of(response))
    if "frames" in exchange:
        frames_of(name, exchange["frames"])
    graph = request.get("body", {}).get("prompt") if sent_json(request) else None
    if isinstance(graph, dict):
        seed("comfyui_answer", name + "-graph", "p1\n" + json.dumps(graph))
        seed("plugin_settings", name, json.dumps({"model": "m", "workflow": graph}))


def images(name, exchange):
    seed("openai_images_answer", name, "{}\n" + body_of(exchange["response"]))
    if sent_json(exchange["request"]):
        seed("foreign_requests", name, "application/json\n" + json.dumps(exchange["request"]["body"]))


def a1111(name, exchange):
    if name.rpartition("-")[2].startswith(("gen_", "edit_", "openai_")):
        return images(name, exchange)
    seed("a1111_answer", name, "{}\n" + body_of(exchange["response"]))
    seed("backend_requests", name, "a\n" + body_of(exchange["response"]))
    if sent_json(exchange["request"]):
        seed("foreign_requests", name, "application/json\n" + json.dumps(exchange["request"]["body"]))


def chat(name, exchange):
    body = body_of(exchange["response"])
    streamed = body.startswith(("data:", ":", "event:"))
    seed("chat_answer" if streamed or '"choices"' in body else "chat_models", name, body)
    if '"error"' in body and not streamed:  # also in the place of an answer
        seed("chat_answer", name, body)


RULES = {"comfyui": comfyui, "forge-http-layer": a1111, "sd-server": a1111, "llama-server": chat}

for folder in sorted(path for path in data.iterdir() if path.is_dir()):
    if folder.name in PICTURES:
        continue
    for file in sorted(folder.glob("*.json")):
        exchange = json.loads(file.read_text())
        if "response" not in exchange:
            continue
        name = f"{folder.name}-{file.stem}"
        request = exchange["request"]
        line = f"{request['method']} {request['path']} HTTP/1.1"
        for target in ("http_head", "proxy_headers", "request_guards"):
            seed(target, name, head_of(request, line))
        seed("http_answer", name,
             head_of(exchange["response"], exchange["response"]["status_line"]))
        if isinstance(exchange["response"].get("body"), dict):
            seed("backend_json", name, body_of(exchange["response"]))
        RULES[folder.name](name, exchange)
