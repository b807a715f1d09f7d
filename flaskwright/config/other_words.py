"""Words of other tools for what hosts.toml calls otherwise, and keys that come later."""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

_APP = {
    "ref": "branch tag commit rev revision git_ref git_branch",
    "repo": "repository git git_url repo_url source url clone",
    "directory": "root app_dir workdir working_directory cwd subdirectory chdir",
    "wsgi": "module entrypoint entry_point callable app application wsgi_module cmd command",
    "requirements": "requirements_file pip deps dependencies",
    "python": "python_version runtime interpreter python_path",
    "health": "healthcheck health_check health_path health_url",
    "static": "static_files static_dir static_url static_folder assets_path",
    "shared": "linked_dirs linked_files shared_dirs shared_files volumes persist storage data",
    "env": "environment environ env_vars variables vars config",
    "migrate": "migration migrations release_command pre_start",
    "hooks": "before_deploy after_deploy pre_deploy post_deploy scripts",
    "workers": "num_workers worker_count web_concurrency",
    "threads": "num_threads",
    "keep": "keep_releases retain retention releases_to_keep",
    "drain": "drain_timeout graceful_timeout grace_period stop_timeout",
    "memory": "memory_limit mem_limit max_memory memory_max",
    "upload": "upload_size client_max_body_size max_upload max_body_size max_content_length",
    "request_timeout": "proxy_read_timeout gunicorn_timeout worker_timeout read_timeout",
    "deploy_timeout": "deployment_timeout",
    "worker_class": "worker_type",
    "packages": "apt apt_packages system_packages debian_packages aptfile",
    "timers": "cron crons schedule scheduled jobs",
    "build": "build_command build_commands",
    "processes": "procfile daemons services",
}
_HOST = {
    "address": "hostname host_name host ip ip_address server ssh_host fqdn",
    "user": "username login ssh_user remote_user user_name",
    "port": "ssh_port",
    "domain": "domain_name server_name domains site fqdn",
    "aliases": "alias server_aliases alternative_names www",
    "email": "mail letsencrypt_email acme_email contact",
    "tls": "ssl https certbot letsencrypt",
    "mysql": "mariadb database db",
    "postgres": "postgresql pg",
    "access": "basic_auth auth htpasswd",
    "backups": "backup",
    "app": "apps application",
}
_LATER = {
    "AppTable": "processes timers packages build access_log system_site_packages nginx redirects "
    "assets submodules lfs first files docker build_on",
    "HostTable": "path access behind backups notify redis swarm variant",
}
_ELSEWHERE = {
    **dict.fromkeys(
        ("ssh_key", "identity_file", "identity", "private_key", "key_filename", "key", "pem"),
        "ssh's own settings have it: IdentityFile in ~/.ssh/config; or -i FILE",
    ),
    **dict.fromkeys(
        ("password", "ssh_password", "sudo_password", "become_password"),
        "no password stands in this file; at a terminal you are asked for it",
    ),
    **dict.fromkeys(
        ("jump_host", "proxy_jump", "bastion", "gateway"),
        "ssh's own settings have it: ProxyJump in ~/.ssh/config",
    ),
}
_MEANT = MappingProxyType(
    {
        table: {other: key for key, others in words.items() for other in others.split()}
        for table, words in (("AppTable", _APP), ("HostTable", _HOST))
    }
)


def remark(table: str, name: str, keys: Collection[str]) -> str:
    """Return what is to be said of a name that is no key of a table, or nothing.

    table: the class that declares it; keys: those that this version has.
    """
    plain = name.replace("-", "_").lower()
    if plain in _LATER.get(table, "").split():
        return "not yet in this version"
    meant = _MEANT.get(table, {}).get(plain) or (plain if plain in keys else "")
    if meant in keys:
        return f'unknown key; did you mean "{meant}"?'
    if meant:
        return f'unknown key; it will be "{meant}", which is not yet in this version'
    if table == "HostTable" and plain in _ELSEWHERE:
        return f"unknown key; {_ELSEWHERE[plain]}"
    return ""
