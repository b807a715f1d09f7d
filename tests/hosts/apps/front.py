"""What apps expect of their front: uploads, slow pages, sockets, streams, and who visits."""

import os
import sys
import time

from flask import Flask, Response, abort, request, url_for
from flask_sock import Sock
from flask_socketio import SocketIO, emit
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
sock = Sock(app)
RELEASE = os.environ["FLASKWRIGHT_RELEASE"]


@app.get("/")
@app.get("/health")
def health():
    return RELEASE


@app.get("/who")
def who():
    return {
        "address": request.remote_addr,
        "secure": request.is_secure,
        "url": url_for("who", _external=True),
        "headers": {name: text for name, text in request.headers if "orward" in name},
    }


@app.get("/slow/<float:seconds>")
def slow(seconds):
    time.sleep(seconds)
    return "at last"


@app.post("/upload")
def upload():
    return str(sum(map(len, iter(lambda: request.stream.read(1 << 20), b""))))


@app.get("/answer/<int:status>")
def answer(status):
    abort(status, "the app's own words")


@app.get("/end")
def end():
    os._exit(1)


@app.get("/events/<int:count>/<float:pause>")
def events(count, pause):
    def told():
        for number in range(count):
            yield f"data: {number}\n\n"
            time.sleep(pause)

    return Response(told(), mimetype="text/event-stream")


@app.get("/workers")
def workers():
    gevent = sys.modules.get("gevent.monkey")
    return {
        "mode": socketio.async_mode,
        "patched": bool(gevent and gevent.is_module_patched("ssl")),
    }


@sock.route("/echo")
def echo(link):
    while True:
        link.send(f"{RELEASE} {link.receive()}")


socketio = SocketIO(app)


@socketio.on("echo")
def answered(text):
    emit("echo", f"{RELEASE} {text}")


app.wsgi_app = DispatcherMiddleware(
    app.wsgi_app, {"/fixed": ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)}
)
