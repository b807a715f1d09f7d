"""MySQL and MariaDB: the server, the app's account, its statements."""
