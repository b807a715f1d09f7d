"""A Socket.IO client beside the app: `chat.py URL ROOTS TRANSPORT…`; a line for each event."""

import sys
import time

import requests
import socketio

session = requests.Session()
session.verify = sys.argv[2]
client = socketio.Client(http_session=session)


def say(*words):
    print(f"{time.time():.2f}", *words, flush=True)


@client.event
def connect():
    say("connected")


@client.event
def disconnect(*reason):
    say("cut")


@client.on("echo")
def echo(text):
    say("heard", text)


client.connect(sys.argv[1], transports=sys.argv[3:], wait_timeout=10)
while True:
    if client.connected:
        client.emit("echo", client.transport())
    time.sleep(0.3)
