"""What a build, an app, a repository, a host and a hosts.toml of strangers get, on real hosts."""
