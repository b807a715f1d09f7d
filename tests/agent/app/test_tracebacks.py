"""What of a traceback is about the app."""

from flaskwright.agent.app.tracebacks import SHOWN, exception_in, from_the_app, in_release

RELEASE = "/srv/blog/releases/1"
WORKER = [
    "[INFO] Booting worker with pid: 7",
    "Traceback (most recent call last):",
    f'  File "{RELEASE}/.venv/lib/gunicorn/arbiter.py", line 752, in spawn_worker',
    "    worker.init_process()",
    '  File "<frozen importlib._bootstrap>", line 241, in _call_with_frames_removed',
    f'  File "{RELEASE}/code/app.py", line 3, in <module>',
    "    import nothing",
    "ModuleNotFoundError: No module named 'nothing'",
    "[INFO] Worker exiting (pid: 7)",
    "Traceback (most recent call last):",
    "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
]


def test_the_app_s_own_frames_come_first_and_last():
    told = in_release(from_the_app(WORKER, RELEASE), RELEASE)

    assert told == [
        '  File "code/app.py", line 3, in <module>',
        "    import nothing",
        "ModuleNotFoundError: No module named 'nothing'",
    ]
    assert exception_in(told) == "ModuleNotFoundError: No module named 'nothing'"


def test_without_such_a_frame_the_end_is_told():
    lines = ['  File "gunicorn"', "    load()", *(f"line {number}" for number in range(20))]

    assert from_the_app(lines, RELEASE) == lines[-15:]
    assert exception_in(lines) == ""


def test_of_a_long_one_is_told_where_it_begins_in_the_app_and_how_it_ends():
    own = f'  File "{RELEASE}/code/app.py", line 3, in <module>'
    others = [f'  File "site-packages/{number}"' for number in range(40)]

    told = from_the_app([own, "    go()", *others, "KeyError: 'x'", "after"], RELEASE)
    assert told[:2] == [own, "    go()"]
    assert "    …" in told
    assert told[-1] == "KeyError: 'x'"
    assert len(told) == SHOWN
