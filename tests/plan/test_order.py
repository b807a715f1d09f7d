import pytest

from flaskwright.errors import FlaskwrightError
from flaskwright.plan.order import ordered
from flaskwright.resources.app import AppName
from flaskwright.resources.base import Planned
from flaskwright.resources.git import Repository
from flaskwright.resources.system import Directory, Packages, Port
from flaskwright.resources.transaction import Kept
from flaskwright.resources.venvs import Requirements, Venv
from flaskwright.resources.web import Answer, Nginx

NGINX = Planned("nginx.install", Packages(("nginx",)))
GIT = Planned("git.install", Packages(("git",)))
PYTHON = Planned("venv.install", Packages(("python3-venv",)))
CERTBOT = Planned("certs.install", Packages(("certbot",)))
ROOT = Planned("git.clone", Directory("/srv/blog"))
CLONE = Planned("git.clone", Repository("https://git.test/blog", "main", None))
VENV = Planned("venv.create", Venv("blog.build", "python3", "", None))
NEEDS = Planned("venv.requirements", Requirements("blog.build", "python3", "", None))
ENVIRONMENT = [PYTHON, GIT, ROOT, CLONE, VENV, NEEDS]


def ids(items):
    return [item.resource.id for item in items]


def test_what_two_steps_yield_alike_stands_once_at_its_first_place():
    again = Planned("git.clone", ROOT.resource)

    assert ordered([ROOT, NGINX, again]) == [ROOT, NGINX]


def test_what_puts_others_in_force_stands_at_its_last_place():
    reload, again = Planned("nginx.default", Nginx()), Planned("nginx.site", Nginx())
    answer = Planned("nginx.site", Answer("/"))

    made = ordered([reload, answer, NGINX, again])

    assert made == [NGINX, again, answer]


def test_two_steps_that_want_different_things_of_one_resource_are_a_mistake():
    ours, theirs = Directory("/srv/blog"), Directory("/srv/blog", owner="blog")

    with pytest.raises(FlaskwrightError, match=r"directory:/srv/blog: one and two want different"):
        ordered([Planned("one", ours), Planned("two", theirs)])


def test_what_no_rollback_needs_goes_after_all_else():
    kept = Planned("deploy", Kept(5))
    answer = Planned("nginx.site", Answer("/"))
    reload = Planned("nginx.site", Nginx())

    made = ordered([kept, answer, reload, NGINX])

    assert made == [NGINX, reload, answer, kept]


def test_what_only_looks_comes_before_all_that_changes_something():
    port = Planned("nginx.install", Port(80, owner="nginx"))
    name = Planned("deploy", AppName())

    assert ordered([GIT, port, name]) == [name, port, GIT]


def test_packages_of_neighbours_are_brought_by_the_first_of_them():
    made = ordered([NGINX, ROOT, GIT, CERTBOT])

    assert ids(made) == ids([NGINX, ROOT, GIT, CERTBOT])
    assert [item.resource.along for item in made if item is not ROOT] == [
        ("git", "certbot"),
        (),
        (),
    ]


def test_the_environment_is_built_beside_the_packages_that_it_does_not_need():
    made = ordered([*ENVIRONMENT, NGINX, CERTBOT, *ENVIRONMENT])

    assert ids(made) == ids([PYTHON, GIT, ROOT, NGINX, CERTBOT, CLONE, VENV, NEEDS])
    python, nginx = made[0].resource, made[3].resource
    assert (python.along, python.beside) == (("git",), ())
    assert (nginx.along, nginx.beside) == (("certbot",), tuple(ids([CLONE, VENV, NEEDS])))


def test_an_environment_alone_has_all_its_packages_first():
    made = ordered([NGINX, *ENVIRONMENT])

    assert ids(made) == ids([NGINX, *ENVIRONMENT])
    assert made[0].resource.along == ("python3-venv", "git")
    assert not any(item.resource.beside for item in made if isinstance(item.resource, Packages))
