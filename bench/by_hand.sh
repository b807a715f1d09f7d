# What a person types who follows the guide to the same end: the same packages from apt and pip,
# the same files, nothing checked. Runs as root, beside app.bundle and files/.
# Arguments: APP [DOMAIN ACME-SERVER]; with a domain certbot gets a certificate for its site.
set -eu
cd "$(dirname "$0")"
app=$1
domain=${2-}
server=${3-}
root=/srv/$app
release=$root/releases/by-hand
export DEBIAN_FRONTEND=noninteractive

main() {
    install_packages
    make_release
    cp -r files/etc /
    if [ -n "$domain" ]; then get_certificate; fi
    link_release
    systemctl daemon-reload
    systemctl enable -q --now "$app.socket"
    systemctl start "$app@1.service"
    nginx -t
    systemctl reload nginx
    if [ -n "$domain" ]; then test_renewal; fi
}

install_packages() {
    apt-get update -q
    apt-get install -q -y nginx
    apt-get install -q -y python3-venv
    apt-get install -q -y git
    if [ -n "$domain" ]; then apt-get install -q -y certbot; fi
}

make_release() {
    useradd --system --user-group --no-create-home --home-dir "$root/shared" \
        --shell /usr/sbin/nologin "$app"
    mkdir -p "$release"
    install -d -o "$app" -g "$app" -m 750 "$root/shared"
    git clone -q app.bundle "$release/code"
    python3 -m venv "$release/.venv"
    "$release/.venv/bin/pip" install -q -r "$release/code/requirements.txt" gunicorn
    cp -r "files$root/current/etc" "$release"
    chown -R "root:$app" "$release/etc"
}

# The site names the certificate, so until that is there a server block of its own answers.
get_certificate() {
    install -d -g www-data -m 2755 /var/lib/letsencrypt/.well-known/acme-challenge
    cat >/etc/nginx/conf.d/challenge.conf <<END
server {
    listen 80;
    listen [::]:80;
    server_name $domain;
    include snippets/flaskwright-acme.conf;
}
END
    systemctl reload nginx
    trusted=/etc/ssl/flaskwright-acme.pem
    cat /etc/ssl/certs/ca-certificates.crt /etc/ssl/flaskwright-acme.d/*.pem >$trusted
    REQUESTS_CA_BUNDLE=$trusted certbot certonly --non-interactive --webroot \
        -w /var/lib/letsencrypt -d "$domain" --key-type ecdsa --server "$server" --agree-tos \
        --register-unsafely-without-email
    rm /etc/nginx/conf.d/challenge.conf
    ln -s ../sites-available/flaskwright-default-tls /etc/nginx/sites-enabled/
}

# The guide's "Test the renewal process", without certbot's sleep of up to eight minutes.
test_renewal() {
    REQUESTS_CA_BUNDLE=$trusted certbot renew --dry-run --no-random-sleep-on-renew \
        --server "$server"
}

link_release() {
    ln -s "$release" "$root/current"
    ln -s "$root/current/etc/systemd/system/$app@.service" "/etc/systemd/system/$app@.service"
    ln -s "$root/current/etc/nginx/sites-available/$app" "/etc/nginx/sites-available/$app"
    ln -s "../sites-available/$app" "/etc/nginx/sites-enabled/$app"
    ln -s ../sites-available/flaskwright-default /etc/nginx/sites-enabled/flaskwright-default
    rm /etc/nginx/sites-enabled/default
    sed -i 's/^\s*#\?\s*multi_accept .*;/\tmulti_accept on;/' /etc/nginx/nginx.conf
}

main
