# What each of the others stands on, made once as root: by-capistrano, by-fabric and by-hand.
# Arguments: REPO-URL USER APP
set -eu
url=$1
user=$2
app=$3
gunicorn="gunicorn --workers=2 --threads=4 --no-control-socket"

main() {
    for name in by-capistrano by-fabric; do
        install -d -o "$user" -g "$user" "/srv/$name" "/srv/$name/data"
    done
    make_checkout
    unit by-capistrano <<END
Type=notify
User=$user
Environment=DATABASE=/srv/by-capistrano/data/guestbook.db
WorkingDirectory=/srv/by-capistrano/current
ExecStart=/srv/by-capistrano/current/venv/bin/python -m $gunicorn app:app
END
    unit by-fabric <<END
User=$user
Environment=DATABASE=/srv/by-fabric/data/guestbook.db
WorkingDirectory=/srv/by-fabric/code
RuntimeDirectory=by-fabric
ExecStart=/srv/by-fabric/venv/bin/$gunicorn --bind=unix:/run/by-fabric/app.sock app:app
END
    unit by-hand@ <<END
Type=notify
User=$app
Environment=DATABASE=/srv/$app/shared/by-hand.db PYTHONDONTWRITEBYTECODE=1
WorkingDirectory=/srv/$app/current/code
Sockets=by-hand.socket
ExecStart=/srv/$app/current/.venv/bin/$gunicorn app:app
END
    listen by-capistrano by-capistrano
    listen by-hand by-hand@1
    install -d -o "$app" /srv/by-hand
    git init -q --bare /srv/by-hand/repo.git
    systemctl start by-hand@1
}

make_checkout() {
    runuser -u "$user" -- git clone -q "$url" /srv/by-fabric/code
    runuser -u "$user" -- python3 -m venv /srv/by-fabric/venv
    runuser -u "$user" -- /srv/by-fabric/venv/bin/pip install -q \
        -r /srv/by-fabric/code/requirements.txt gunicorn
}

unit() {
    { echo "[Service]" && cat; } >"/etc/systemd/system/$1.service"
}

listen() {
    cat >"/etc/systemd/system/$1.socket" <<END
[Socket]
ListenStream=/run/$1.sock
Service=$2.service
END
    systemctl daemon-reload
    systemctl start "$1.socket"
}

main
