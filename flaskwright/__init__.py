"""Flaskwright: puts a Flask app on a machine of your own, one Fabric task per guide step.

The public words that tasks and guides are written with.
"""

from .errors import FlaskwrightError, StepFailed, Unreachable, UsageError
from .guide import Guide, Heading, guide_of, register
from .inventory import App, Host
from .plan.templates import fitted_file, hiding_files, release_file, template_file, workers_file
from .report.confirm import confirm
from .resources.base import Planned, Resource, Resources
from .run.makers import made_by
from .ssh.connection import Connection
from .steps import local, operation, question, step

__all__ = [
    "App",
    "Connection",
    "FlaskwrightError",
    "Guide",
    "Heading",
    "Host",
    "Planned",
    "Resource",
    "Resources",
    "StepFailed",
    "Unreachable",
    "UsageError",
    "confirm",
    "fitted_file",
    "guide_of",
    "hiding_files",
    "local",
    "made_by",
    "operation",
    "question",
    "register",
    "release_file",
    "step",
    "template_file",
    "workers_file",
]
