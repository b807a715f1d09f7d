"""flask-gunicorn-nginx-wsgi: a Flask app with MySQL on Ubuntu."""

from flaskwright import Guide, Heading, register
from tasks import apt, backups, certs, git, gunicorn, mysql, nginx, secrets, venv

_READING = "reading only"

GUIDE = register(
    Guide(
        "ubuntu",
        "flask-gunicorn-nginx-wsgi",
        venv.requirements,
        (
            Heading("Setup Overview", by_hand=_READING),
            Heading("parts", by_hand=_READING),
            Heading("how these parts work together:", by_hand=_READING),
            Heading("Installation Overview", by_hand=_READING),
            Heading(
                "Installation Overview: upgrade Ubuntu and packages",
                on_request=(apt.update, apt.upgrade),
            ),
            Heading(
                "Installation Overview: install mySQL",
                setup=(mysql.install,),
                on_request=(mysql.backup, backups.list_, mysql.restore, mysql.shell),
            ),
            Heading(
                "Installation Overview: API key for the openweathermap api",
                on_request=(secrets.list_,),
                by_hand="sign up, then secrets.set OPENWEATHERMAP_AUTH api_key",
            ),
            Heading(
                "Installation Overview: gmail email credentials",
                on_request=(secrets.list_,),
                by_hand="make an app password, then secrets.set GMAIL_AUTH mail_password",
            ),
            Heading(
                "Installation Overview: install git and clone",
                setup=(git.install,),
                deploy=(git.clone,),
                on_request=(git.deploy_key,),
            ),
            Heading(
                "Installation Overview: virtual environment and packages",
                setup=(venv.install,),
                deploy=(venv.create, venv.requirements),
                on_request=(venv.by_hand,),
            ),
            Heading(
                "Installation Overview: credentials with keyring",
                setup=(mysql.create, secrets.push),
                on_request=(secrets.list_, secrets.diff, secrets.rotate),
                by_hand="secrets.set SERVICE USERNAME for what no task makes",
            ),
            Heading(
                "Installation Overview: Gunicorn, of the tutorial",
                setup=(gunicorn.permissions,),
                deploy=(gunicorn.service, gunicorn.enable, gunicorn.start),
                on_request=(gunicorn.by_hand,),
            ),
            Heading(
                "Installation Overview: Nginx, of the tutorial",
                setup=(nginx.install, nginx.start, nginx.proxy),
                deploy=(nginx.site, nginx.default),
                on_request=(nginx.test, nginx.reload),
            ),
            Heading(
                "Installation Overview: Certbot and HTTPS",
                setup=(
                    *(certs.prerequisites, certs.install, certs.webroot, certs.snippets),
                    *(certs.obtain, certs.hook, certs.timer),
                ),
                deploy=(certs.hsts,),
                on_request=(certs.status, certs.renew, certs.prove),
            ),
            Heading(
                "Restarting Service Debugging Notes",
                on_request=(
                    *(gunicorn.start, gunicorn.enable, gunicorn.status, gunicorn.restart),
                    *(nginx.status, nginx.restart, gunicorn.daemon_reload),
                ),
            ),
        ),
    )
)
