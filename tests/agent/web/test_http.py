"""Requests to a server that answers what the test says."""

import os
import socket
import threading

import pytest

from flaskwright.agent.web.http import ask


@pytest.fixture
def server(tmp_path):
    """Answer one request on a socket with given bytes; gives the socket's path and the request."""
    path, heard = str(tmp_path / "http.sock"), []

    def answer(data):
        with listener, listener.accept()[0] as link:
            heard.append(link.recv(65536))
            link.sendall(data)

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def serve(data):
        threading.Thread(target=answer, args=(data,), daemon=True).start()
        return path, heard

    yield serve
    listener.close()


def test_status_headers_and_body_are_taken_apart(server):
    path, heard = server(
        b"HTTP/1.1 302 Found\r\nserver: it\r\nLocation: /there\r\n\r\nbody\r\n\r\n"
    )

    reply = ask(path, "/here?x=1", "blog.test")

    assert (reply.status, reply.headers["Server"], reply.body) == (302, "it", b"body\r\n\r\n")
    assert heard[0].startswith(b"GET /here?x=1 HTTP/1.0\r\nHost: blog.test\r\n")


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", ConnectionResetError, "without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", OSError, "does not speak HTTP"),
    ],
)
def test_no_answer_and_no_http_are_told_apart(server, data, error, says):
    path, _ = server(data)

    with pytest.raises(error, match=says):
        ask(path, "/", "blog.test")


def test_a_socket_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        ask(str(tmp_path / "none.sock"), "/", "blog.test")


def link(place, socket_path):
    place.symlink_to(socket_path)


def file(place, socket_path):
    place.touch()


def pipe(place, socket_path):
    os.mkfifo(place)


@pytest.mark.parametrize("lay", [link, file, pipe])
def test_only_a_socket_itself_is_spoken_to(server, tmp_path, lay):
    """An app has directories in /run: what it lays there leads to no socket of others."""
    path, heard = server(b"HTTP/1.0 200 OK\r\n\r\n")
    lay(tmp_path / "laid", path)

    with pytest.raises(OSError, match="is no socket"):
        ask(str(tmp_path / "laid"), "/", "blog.test")
    assert heard == []
    assert ask(path, "/", "blog.test").status == 200
