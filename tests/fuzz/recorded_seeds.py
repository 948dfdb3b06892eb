#!/usr/bin/env python3
"""Bodies out of the recorded exchanges in tests/data, as seeds: recorded_seeds.py TO_FOLDER"""
import json
import pathlib
import sys

to = pathlib.Path(sys.argv[1])
data = pathlib.Path(__file__).resolve().parent.parent / "data"


def body_of(response):
    if "chunks" in response:
        return "".join(chunk.get("text", "") for chunk in response["chunks"])
    body = response.get("body", "")
    return body if isinstance(body, str) else json.dumps(body)


# What speaks A1111's API; the target takes its settings from the first line.
family = ("forge-http-layer", "sd-server")
for target in ("a1111_answer", "chat_answer", "chat_models", "openai_images_answer"):
    (to / target).mkdir(parents=True, exist_ok=True)
for file in sorted(data.glob("*/*.json")):
    exchange = json.loads(file.read_text())
    if "response" not in exchange:
        continue
    body = body_of(exchange["response"])
    if file.stem.startswith(("gen_", "edit_", "openai_")):
        (to / "openai_images_answer" / file.stem).write_text("{}\n" + body)
        continue
    if file.parent.name in family:
        (to / "a1111_answer" / f"{file.parent.name}-{file.stem}").write_text("{}\n" + body)
        continue
    streamed = body.startswith(("data:", ":", "event:"))
    target = "chat_answer" if streamed or '"choices"' in body else "chat_models"
    (to / target / f"{file.parent.name}-{file.stem}").write_text(body)
