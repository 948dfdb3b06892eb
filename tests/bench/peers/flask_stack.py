"""Peer of P2 and P6: the usual small stack. Flask's threaded server, one sqlite3 transaction per
request, pictures decoded and stored as durably as the host stores them.
    flask_stack.py FOLDER    prints "listening on PORT"
"""
import base64
import json
import os
import sqlite3
import sys
import threading
import uuid

from flask import Flask, jsonify, request
from werkzeug.serving import make_server

folder = sys.argv[1]
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 40 * 1024 * 1024
local = threading.local()


def database():
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.path.join(folder, "jobs.db"), timeout=30)
        local.connection.execute("PRAGMA journal_mode=WAL")
        local.connection.execute("PRAGMA synchronous=FULL")
    return local.connection


database().execute("CREATE TABLE jobs(id TEXT PRIMARY KEY, status TEXT, request TEXT)")


def store(picture, name):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(picture)
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(folder, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


@app.post("/api/v1/generate")
def generate():
    job = uuid.uuid4().hex[:8]
    if request.is_json:
        body = request.get_json()
        picture = body.pop("image", None)
        picture = base64.b64decode(picture, validate=True) if picture else None
    else:
        body = dict(request.form)
        picture = request.files["image"].read() if "image" in request.files else None
    if not isinstance(body.get("prompt"), str) or len(body["prompt"]) > 10000:
        return jsonify(success=False), 400
    if picture:
        store(picture, job + ".png")
    with database() as connection:
        connection.execute("INSERT INTO jobs VALUES(?, 'queued', ?)", (job, json.dumps(body)))
    return jsonify(success=True, job_id=job, status="queued", queue_position=1)


server = make_server("127.0.0.1", 0, app, threaded=True)
print("listening on", server.server_port, flush=True)
server.serve_forever()
