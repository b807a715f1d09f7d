# A first app, as somebody wrote it who ran it with `python app.py` so far.
import os
import sqlite3
import time

import psutil
from flask import Flask, redirect, render_template, request
from PIL import Image

app = Flask(__name__)
app.config["UPLOAD_FOLDER"] = "static/uploads"


def get_db():
    db = sqlite3.connect("data.db")
    db.row_factory = sqlite3.Row
    return db


def init_db():
    db = get_db()
    db.execute("CREATE TABLE IF NOT EXISTS photo (id INTEGER PRIMARY KEY, name TEXT, size TEXT)")
    db.commit()


init_db()


@app.route("/")
def index():
    photos = get_db().execute("SELECT * FROM photo ORDER BY id DESC").fetchall()
    return render_template("index.html", photos=photos)


@app.route("/upload", methods=["POST"])
def upload():
    file = request.files["photo"]
    path = os.path.join(app.config["UPLOAD_FOLDER"], file.filename)
    file.save(path)
    image = Image.open(path)
    size = "%dx%d" % image.size
    image.thumbnail((200, 200))
    image.convert("RGB").save(path + ".small.jpg")
    db = get_db()
    db.execute("INSERT INTO photo (name, size) VALUES (?, ?)", (file.filename, size))
    db.commit()
    return redirect("/")


@app.route("/report")
def report():
    time.sleep(float(request.args.get("seconds", 45)))  # it counts all photos, slowly
    return "done"


@app.route("/sensor")
def sensor():
    memory = psutil.virtual_memory()
    with open("/proc/uptime") as file:
        uptime = float(file.read().split()[0])
    load = os.getloadavg()
    return {
        "memory": memory.total,
        "processors": psutil.cpu_count(),
        "busy": psutil.cpu_percent(),
        "disk": psutil.disk_usage("/").percent,
        "network": sorted(psutil.net_if_addrs()),
        "uptime": uptime,
        "load": load[0],
    }


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000, debug=True)
