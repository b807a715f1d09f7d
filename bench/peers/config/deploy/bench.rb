# The one stage: the host as the ssh settings of the link have it.
server ENV.fetch("BENCH_HOST"), roles: %w[app]
set :ssh_options, config: [ENV.fetch("BENCH_SSH_CONFIG")]
