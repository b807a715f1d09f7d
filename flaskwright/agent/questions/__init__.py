"""What looks into several wings and changes nothing: status, logs, verify."""
