# What a person types who follows the guide to the same end: the same packages from apt and pip,
# the same files, nothing checked. Runs as root, beside app.bundle and files/.
set -eu
cd "$(dirname "$0")"
app=$1
root=/srv/$app
release=$root/releases/by-hand
export DEBIAN_FRONTEND=noninteractive

apt-get update -q
apt-get install -q -y nginx
apt-get install -q -y python3-venv
apt-get install -q -y git

useradd --system --user-group --no-create-home --home-dir "$root/shared" \
    --shell /usr/sbin/nologin "$app"
mkdir -p "$release"
install -d -o "$app" -g "$app" -m 750 "$root/shared"
git clone -q app.bundle "$release/code"

python3 -m venv "$release/.venv"
"$release/.venv/bin/pip" install -q -r "$release/code/requirements.txt" gunicorn

cp -r files/etc /
cp -r "files$root/current/etc" "$release"
chown -R "root:$app" "$release/etc"
ln -s "$release" "$root/current"
ln -s "$root/current/etc/systemd/system/$app.service" "/etc/systemd/system/$app.service"
ln -s "$root/current/etc/nginx/sites-available/$app" "/etc/nginx/sites-available/$app"
ln -s "../sites-available/$app" "/etc/nginx/sites-enabled/$app"
ln -s ../sites-available/flaskwright-default /etc/nginx/sites-enabled/flaskwright-default
rm /etc/nginx/sites-enabled/default
sed -i 's/^\s*#\?\s*multi_accept .*;/\tmulti_accept on;/' /etc/nginx/nginx.conf

systemctl daemon-reload
systemctl enable -q --now "$app.socket"
systemctl start "$app.service"
nginx -t
systemctl reload nginx
