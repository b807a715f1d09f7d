"""Why pip could not install what an app requires, and what cures it."""

from __future__ import annotations

import re

from ..app.advice import Rule, Told, around, shortened, told
from ..app.debian_packages import APT, COMPILER
from .pip_error_causes import about, misnamed, misses, missing, not_for_this_python, package_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..app.advice import Facts


WHAT = "the requirements cannot be installed"
SAID, NEXT = "%(line)s", "%(next)s"
AGAIN = "correct the requirements, commit, and deploy again"
UNBUILT = "%(package)s has to be built on the host, and %(missing)s is missing there"
OTHER_PYTHON = (
    "require a version that is made for it; or name another interpreter of the host: "
    "`python` in hosts.toml"
)
RUST = "; a newer version may come as a wheel, without a build"
POETRY = (
    "add a table [project] with name, version and dependencies to it; or commit what "
    "`poetry export -f requirements.txt -o requirements.txt` writes"
)
LAYOUT = (
    'name them, [tool.setuptools] packages = ["NAME"] in pyproject.toml, commit, and deploy again'
)

# The first that fits a line is taken: the way to the index, memory, pins, what a build misses, the
# rest. What is the same for all packages comes before what is said of one.
RULES = (
    Rule(
        r"name resolution|Network is unreachable|NewConnectionError|No route to host|"
        r"Connection (refused|timed out|reset|aborted)|ConnectTimeout|ProxyError|"
        r"SSLError|CERTIFICATE_VERIFY_FAILED|Read timed out|"
        r"WARNING: Retrying|Could not fetch URL",
        "pip cannot reach the package index from the host",
        "check the host's network and DNS, and /etc/pip.conf",
    ),
    Rule(
        r"could not read Username for|Permission denied \(publickey|Authentication failed for",
        "a requirement's repository is private, and pip has no login for it on the host",
        "commit that package beside the app, and require it by its path, such as ./libs/NAME",
    ),
    Rule(
        r"Failed to connect to|Could not resolve host|[Rr]epository .{0,200}not found",
        "a requirement's repository cannot be reached from the host",
        "check its URL, and the host's network and DNS",
    ),
    Rule(r"not a trusted or secure host", "pip wants https of an index", "name it with https"),
    Rule(
        r"Killed signal terminated|error: Killed|^\s*Killed\b|virtual memory exhausted|"
        r"Cannot allocate memory|^\s*MemoryError|died with <Signals\.SIGKILL|signal: 9|"
        r"exit (code|status):? (-9|137)\b",
        "the kernel ended the build of %(package)s: the host has too little memory for it",
        "give the host more memory or swap; or require a version of %(package)s that there is a "
        "wheel of for %(python)s",
        SAID,
        about,
    ),
    Rule(
        r"(?<![\w.-])(?P<package>[\w.-]+)'?( \S+)? requires a different Python: ",
        "%(package)s is not made for %(python)s",
        OTHER_PYTHON,
    ),
    Rule(
        r"satisfies the requirement (?P<wanted>[^\s;(]+)",
        "that version of %(package)s is not made for %(python)s",
        OTHER_PYTHON,
        SAID,
        not_for_this_python,
    ),
    Rule(
        r"No module named '((numpy\.)?distutils(\.\w+)*|imp|asyncore|cgi|pkg_resources)'|"
        r"has no attribute '(ImpImporter|SafeConfigParser|cython_sources)'|use_2to3 is invalid|"
        r"Cannot import 'setuptools\.build_meta'|cannot import name '(Feature|soft_unicode)'|"
        r"longintrepr\.h|_PyLong_AsByteArray|PyUnicode_(GetSize|AS_UNICODE)|_PyInterpreterState_|"
        r"has no member named '(tp_print|ob_digit|exc_\w+|curexc_\w+|cframe|use_tracing|f_\w+|"
        r"co_\w+|recursion_\w+)'|has no member named ‘(tp_print|ob_digit|exc_\w+|curexc_\w+|"
        r"cframe|use_tracing|f_\w+|co_\w+|recursion_\w+)’|"
        r"(PyThreadState|PyFrameObject|PyTypeObject).{0,99} has no member|"
        r"Python version not supported|Cannot install on Python version|Python 2\b.{0,40}only",
        "this %(package)s is too old for %(python)s",
        "require a newer %(package)s; or name an older interpreter of the host: `python` in "
        "hosts.toml",
        SAID,
        about,
    ),
    Rule(
        r"Unknown compiler\(s\)|no acceptable C compiler|you need a C compiler|Broken toolchain|"
        r"C compiler cannot create|CMAKE_C(XX)?_COMPILER",
        UNBUILT,
        NEXT,
        SAID,
        misses("gcc"),
    ),
    Rule(r"(?P<missing>pg_config) executable not found", UNBUILT, NEXT, SAID, missing),
    Rule(r"(?P<missing>m(ysql|ariadb)_config)(: | )not found", UNBUILT, NEXT, SAID, missing),
    Rule(
        r"valid pkg-config name",
        UNBUILT,
        NEXT,
        SAID,
        misses("mysqlclient", "MySQL's client library"),
    ),
    Rule(
        r"headers? or library files could not be found for (?P<missing>\w+)",
        UNBUILT,
        NEXT,
        SAID,
        missing,
    ),
    Rule(
        r"libxml2 and libxslt development packages|Could not find function xmlCheckVersion",
        UNBUILT,
        NEXT,
        SAID,
        misses("libxml2"),
    ),
    Rule(
        r"can't find Rust|Rust not found|requires Rust and Cargo|"
        r"[Cc]argo.{0,60} not (found|installed)",
        UNBUILT + RUST,
        NEXT,
        SAID,
        misses("Rust"),
    ),
    Rule(r"fatal error: (?P<missing>[\w./+-]+\.h\w*): No such", UNBUILT, NEXT, SAID, missing),
    Rule(
        r"(Package|Dependency|dependency) ['\"‘]?(?P<missing>[\w.+-]+?)['\"’]?,?"
        r"( required by .{0,200},)? (was )?not found|lookup for (?P<missing2>[\w.+-]+) with method|"
        r"Could not find (?P<missing3>openssl) via pkg-config",
        UNBUILT,
        NEXT,
        SAID,
        missing,
    ),
    Rule(r"cannot find (?P<missing>-l\w+)", UNBUILT, NEXT, SAID, missing),
    Rule(
        r"No such file or directory: '(?P<missing>[\w.+-]+)'|"
        r"(command|execute) '?(?P<missing2>[\w.+-]+)'?( failed)?: No such file|"
        r"(^|: )(?P<missing3>[\w.+-]+): (command )?not found|"
        r"cannot execute [‘'](?P<missing4>cc1plus)[’']|Cannot find command '(?P<missing5>git)'",
        UNBUILT,
        NEXT,
        SAID,
        missing,
    ),
    Rule(
        r"(Error|Exception): .{0,99}(non-package mode|\[tool\.poetry\W|No file/folder found)",
        "this pyproject.toml only Poetry can read",
        POETRY,
    ),
    Rule(
        r"Multiple top-level (packages|modules) discovered|Unable to determine which files to ship",
        "pyproject.toml makes the app a package, and which files belong to it cannot be told",
        LAYOUT,
    ),
    Rule(
        r"The '(?P<wanted>sklearn)' PyPI package is deprecated",
        "nothing is in that package",
        NEXT,
        SAID,
        misnamed,
    ),
    Rule(
        r"satisfies the requirement (?P<wanted>[^\s;(]+)",
        "there is no package that fits %(wanted)s (for %(python)s)",
        NEXT,
        SAID,
        misnamed,
    ),
    Rule(
        r"satisfies the requirement (?P<wanted>[^\s;(]+) \(from versions: none\)",
        "there is no package that fits %(wanted)s (for %(python)s): none of that name, or none for "
        "this kind of machine",
        AGAIN,
    ),
    Rule(
        r"satisfies the requirement (?P<wanted>[^\s;(]+)",
        "there is no package that fits %(wanted)s (for %(python)s)",
        AGAIN,
    ),
    Rule(
        r"Cannot install .{0,200} conflicting dependencies",
        "what is required contradicts itself, as the lines say",
        "loosen one of these pins or remove it, commit, and deploy again",
    ),
    Rule(
        r"DO NOT MATCH THE HASHES",
        "a package is not the one that the lock was made from",
        "make the lock anew, look at what changed, commit, and deploy again",
    ),
    Rule(
        r"Hashes are required in --require-hashes mode",
        "some requirements have hashes and some have none: pip wants them for all, or for none",
        "make the lock anew with all hashes, commit, and deploy again",
    ),
    Rule(
        r"No such file or directory: '/[\w./ @-]+'|does not exist: '?file:///",
        "the requirements name a file of the machine that they were written on",
        "write that package's name and version in its place, commit, and deploy again",
    ),
    Rule(
        r"is not a supported wheel",
        "that wheel is for another kind of machine",
        "require the package by its name",
    ),
    Rule(
        r"Invalid requirement: '\[\[?(source|packages|project|tool)\W",
        "that file is not in the form of a requirements.txt",
        "commit what `pipenv requirements > requirements.txt` writes, and name that",
    ),
    Rule(r"Invalid requirement|Expected (end|package name)", "pip cannot read that line", AGAIN),
)
# What pip writes about each program that fails.
FRAMING = re.compile(
    r"\s*(note: This (error|is an issue)|hint: See above|× |│ exit code|╰─> See above|"
    r"\[end of output\]|error: subprocess-exited-with-error)"
)
NO_WORD = re.compile(
    "subprocess-exited|metadata-generation|legacy-install|Failed (building|to build)"
)
WORD = re.compile(r"\s*(ERROR|[Ee]rror|[\w.]*(Error|Exception)): ?\S")


def explained(lines: Sequence[str], facts: Facts) -> Told:
    """Give what pip's lines tell, in the words of what failed, the deciding line among others."""
    lines = [line for line in lines if not FRAMING.match(line)]
    known = told(RULES, lines, facts)
    if known:
        return known
    words = [n for n, line in enumerate(lines) if WORD.match(line) and not NO_WORD.search(line)]
    inner = [number for number in words if lines[number].startswith("      ")]
    number = ([*words[-1:], *inner[-1:]] or [len(lines) - 1])[-1]
    said = shortened(lines[number]) if words else WHAT
    if not inner:
        return Told(said, "", AGAIN, around(lines, number))
    why = "%s cannot be built on the host" % package_in("\n".join(lines))
    advice = "see what its page says that it needs; most need: " + APT[len("on the host: ") :]
    return Told(said, why, advice % COMPILER, around(lines, number))
