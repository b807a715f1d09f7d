"""Running Flask web app with Nginx and Gunicorn on Raspberry Pi."""

from flaskwright import Guide, Heading, register
from tasks import apt, certs, git, gunicorn, nginx, secrets, venv

_READING = "reading only"

GUIDE = register(
    Guide(
        "raspberry-pi",
        "Running Flask web app with Nginx and Gunicorn on Raspberry Pi",
        venv.requirements,
        (
            Heading("Required software and hardware", by_hand="a Raspberry Pi with its system"),
            Heading("Overview", by_hand=_READING),
            Heading(
                "Nginx installation",
                setup=(nginx.install, nginx.start),
                on_request=(apt.update, nginx.status),
            ),
            Heading("Flask installation", setup=(venv.install,)),
            Heading(
                "Web application deployment",
                setup=(git.install,),
                deploy=(secrets.push, git.clone, venv.create, venv.requirements),
                on_request=(git.deploy_key, secrets.list_, secrets.rotate, venv.by_hand),
            ),
            Heading(
                "Nginx setup",
                # nginx is asked about its own file: what sites include has to be there by then
                setup=(nginx.tuning, nginx.proxy, nginx.multi_accept),
                deploy=(nginx.site, nginx.default),
                on_request=(nginx.test, nginx.reload),
            ),
            Heading("Nginx setup: port 80 in the router", by_hand="the router"),
            Heading("Gunicorn", by_hand=_READING),
            Heading("Basics (installation, setup)", on_request=(gunicorn.by_hand,)),
            Heading(
                "Configure as system service",
                deploy=(gunicorn.service, gunicorn.enable, gunicorn.start),
                on_request=(gunicorn.status, gunicorn.restart, gunicorn.daemon_reload),
            ),
            Heading(
                "Gunicorn cannot start (unsufficient permission of an user file)",
                setup=(gunicorn.permissions,),
            ),
            Heading("Enable public access from Internet", by_hand=_READING),
            Heading("No-IP dynamic update client (DUC)", by_hand="sign up with a provider"),
            Heading("Installation, configuration of No-IP DUC", later="ddns.*"),
            Heading("Use a TLS/SSL certificate", by_hand=_READING),
            Heading("Prerequisites", setup=(certs.prerequisites,)),
            Heading("Install Certbot", setup=(certs.install,)),
            Heading(
                "Generate strong Diffie-Hellman (DH) group",
                setup=(certs.dhparam,),
            ),
            Heading(
                "Obtain a SSL certificate",
                setup=(certs.webroot, certs.snippets, certs.obtain),
                on_request=(certs.issue, certs.status, certs.revoke, certs.delete),
            ),
            Heading(
                "Auto-renew the SSL certificate",
                setup=(certs.hook, certs.timer),
                deploy=(certs.hsts,),
                on_request=(certs.renew, certs.prove),
            ),
            Heading("(optional) Set the static IP address", later="network.*"),
            Heading("Why don't you use heroku?", by_hand=_READING),
            Heading("Links", by_hand=_READING),
        ),
    )
)
