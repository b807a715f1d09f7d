"""A systemd of a few lines, where the real one cannot run: real processes, units as files.

Its programs stand in a PATH of their own, so that the agent's parts run them as on a host. A slot
is a process in the directory that a real one would start in. Control groups are files.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

SYSTEMCTL = """
state() { sed -n "s/^$2=//p" "$HERE/units/$1" 2>/dev/null; }
put() { printf 'LoadState=loaded\\nActiveState=%s\\nMainPID=%s\\n' "$2" "$3" > "$HERE/units/$1"; }
running() { case $(state "$1" ActiveState) in *ing|active) ;; *) false ;; esac; }
breaks() { [ -e "$HERE/broken/$1" ] || [ -e "$HERE/broken/$release" ]; }
lives() { grep -q '^State:.[^Z]' "/proc/$1/status" 2>/dev/null; }
stop() {
    pid=$(state "$1" MainPID)
    while [ -e "$HERE/slow/$1" ] && { [ "${pid:-0}" = 0 ] || lives "$pid"; }; do sleep 0.02; done
    rm -f "$HERE/slow/$1"
    [ "${pid:-0}" = 0 ] || kill -9 "$pid" 2>/dev/null
    [ ! -e "$HERE/units/$1" ] || put "$1" inactive 0
    join "$1" ""
}
join() {
    group="$HERE/cgroup/system.slice/$1"
    mkdir -p "$group" && echo $2 > "$group/cgroup.procs"
}
start() {
    next="$RUN/${1%.service}.next"
    [ -L "$next" ] || next="$ROOT/current"
    while [ -e "$HERE/slow/$1" ]; do sleep 0.02; done
    release=$(readlink "$next") release=${release##*/}
    if [ -e "$HERE/tired/$1" ]; then
        put "$1" failed 0
        echo Result=start-limit-hit >> "$HERE/units/$1"
        return 1
    fi
    case $1 in
        *.socket) put "$1" active 0 ;;
        *) if breaks "$1" || ! cd -P "$next/code" 2>/dev/null; then
               put "$1" failed 0
               echo "Job for $1 failed." >&2
               return 1
           fi
           sleep 60 </dev/null >/dev/null 2>&1 &
           join "$1" $!
           put "$1" active $! ;;
    esac
}
verb=$1
shift
echo "$verb${1:+ $*}" >> "$HERE/calls"
case $verb in
    show) first=yes
        for unit; do
            case $unit in -p|--|*,*) continue ;; esac
            [ $first ] || echo
            first=
            [ -e "$HERE/units/$unit" ] || printf 'LoadState=not-found\\nActiveState=inactive\\n'
            cat "$HERE/units/$unit" 2>/dev/null || :
        done ;;
    start) running "$1" || start "$1" ;;
    restart) for unit; do :; done
        stop "$unit"
        start "$unit" || [ "$1" = --no-block ] ;;
    reset-failed) rm -f "$HERE/tired/$1" ;;
    reload) ! [ -e "$HERE/unwilling" ] ;;
    stop) for unit; do [ "$unit" = --no-block ] || stop "$unit"; done ;;
    kill) for unit; do :; done; kill -TERM "$(state "$unit" MainPID)"; rm -f "$HERE"/slow/* ;;
    list-units) for pattern; do :; done
        cd "$HERE/units" && for unit in $pattern; do
            [ "$(state "$unit" ActiveState)" != active ] || echo "$unit loaded active running"
        done ;;
esac
"""
SYSTEMD_RUN = """
foreground=
for word; do
    shift
    case $word in
        --wait) foreground=yes ;;
        --setenv=*) export "${word#--setenv=}" ;;
        --property=WorkingDirectory=*) cd "${word#--property=WorkingDirectory=}" ;;
        --unit=*) unit="$HERE/units/${word#--unit=}.service" ;;
        --property=ExecStopPost=*) after=${word#--property=ExecStopPost=} ;;
        --) break ;;
    esac
    echo "$word" >> "$HERE/runs"
done
if [ "$foreground" ]; then
    for word; do  # as systemd does it in ExecStart=
        shift
        word=$(printf '%s.' "$word" | sed 's/\\$\\$/$/g')
        set -- "$@" "${word%.}"
    done
    exec "$@"
fi
if grep -q ActiveState=active "$unit" 2>/dev/null; then
    echo "Failed to start transient service unit: it was already loaded." >&2
    exit 1
fi
echo ActiveState=active > "$unit"
{
    "$@" & echo MainPID=$! >> "$unit"
    wait
    eval "$after"
    rm "$unit"
} </dev/null >"$HERE/said" 2>&1 &
"""
JOURNALCTL = """
cat "$HERE/journal" 2>/dev/null || true
"""


class Systemd:
    """`bin` is the PATH; what was asked is in `calls`, what slots start in is below `run`."""

    def __init__(self, directory: Path, run: Path, root: Path) -> None:
        self.directory = directory
        self.bin = directory / "bin"
        for name in ("bin", "units", "broken", "slow", "tired", "cgroup"):
            (directory / name).mkdir(parents=True)
        self.groups = directory / "cgroup"
        (self.groups / "cgroup.procs").touch()
        head = f"#!/bin/sh\nPATH={os.defpath}\nHERE={directory}\nRUN={run}\nROOT={root}\n"
        programs = {"systemctl": SYSTEMCTL, "systemd-run": SYSTEMD_RUN, "journalctl": JOURNALCTL}
        for name, text in programs.items():
            (self.bin / name).write_text(head + text)
            (self.bin / name).chmod(0o755)
        self.path = f"{self.bin}:{os.environ['PATH']}"

    def put(self, unit: str, state: str, main: int = 0, **more: str) -> None:
        """Have a unit be in a state."""
        shown = {"LoadState": "loaded", "ActiveState": state, "MainPID": main, **more}
        text = "".join(f"{key}={value}\n" for key, value in shown.items())
        (self.directory / "units" / unit).write_text(text)
        self.joins(unit, *([main] if main else []))

    def joins(self, unit: str, *pids: int) -> None:
        """Have these processes, and no others, be in a unit's control group."""
        group = self.groups / "system.slice" / unit
        group.mkdir(parents=True, exist_ok=True)
        (group / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))

    def state(self, unit: str) -> str:
        """The ActiveState of a unit."""
        return self._shown(unit).get("ActiveState", "inactive")

    def main(self, unit: str) -> int:
        return int(self._shown(unit).get("MainPID", 0))

    def directory_of(self, unit: str) -> str:
        """Where a unit's process runs."""
        return os.readlink(f"/proc/{self.main(unit)}/cwd")

    def breaks(self, name: str) -> None:
        """From now on a release does not start in any slot, or a slot with any release."""
        (self.directory / "broken" / name).touch()

    def tires(self, unit: str) -> None:
        """Have a unit have been started too often, so that it has to be reset."""
        (self.directory / "tired" / unit).touch()

    def slows(self, unit: str) -> None:
        """From now on a unit neither finishes to start nor to stop, until something is killed."""
        (self.directory / "slow" / unit).touch()

    def kill(self, unit: str) -> None:
        """End the main process of a unit as the kernel does where there is no memory."""
        self._end(self.main(unit))
        self.hurries()

    def hurries(self) -> None:
        """Let what starts slowly finish."""
        for path in (self.directory / "slow").iterdir():
            path.unlink()

    def says(self, *lines: str) -> None:
        """Have lines in the journal."""
        with (self.directory / "journal").open("a") as journal:
            journal.writelines(f"{line}\n" for line in lines)

    def calls(self, *verbs: str) -> list[str]:
        """What systemctl was asked to do; `show` and `reset-failed` only where named."""
        lines = self._lines("calls")
        quiet = {"show", "reset-failed"} - set(verbs)
        asked = [line for line in lines if line.split()[0] not in quiet]
        return [line for line in asked if not verbs or line.split()[0] in verbs]

    def runs(self) -> list[str]:
        """The options that systemd-run was given."""
        return self._lines("runs")

    def stop(self) -> None:
        """End every process."""
        for unit in (self.directory / "units").iterdir():
            if self.main(unit.name):
                self._end(self.main(unit.name))

    def _end(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _lines(self, name: str) -> list[str]:
        path = self.directory / name
        return path.read_text().splitlines() if path.exists() else []

    def _shown(self, unit: str) -> dict[str, str]:
        path = self.directory / "units" / unit
        text = path.read_text() if path.exists() else ""
        return dict(line.split("=", 1) for line in text.splitlines())
