# A small Flask app, as its users write it: the environment is copied while the requirements stay.
set :application, "guestbook"
set :repo_url, ENV.fetch("BENCH_REPO")
set :branch, "main"
set :deploy_to, "/srv/by-capistrano"
set :format_options, log_file: nil

namespace :deploy do
  task :environment do
    on roles(:app) do
      within release_path do
        if test("cmp -s #{current_path}/requirements.txt #{release_path}/requirements.txt")
          execute :cp, "-a", current_path.join("venv"), "venv"
        else
          execute :python3, "-m", "venv", "venv"
          execute "#{release_path}/venv/bin/pip", "install", "-q", "-r", "requirements.txt", "gunicorn"
        end
      end
    end
  end

  task :restart do
    on(roles(:app)) { execute :sudo, :systemctl, :restart, "by-capistrano" }
  end

  after :updated, :environment
  after :publishing, :restart
end
