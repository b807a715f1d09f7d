from flaskwright.plan import plan
from flaskwright.report.report import HostReport
from flaskwright.run import runner
from tasks import daily
from tests.hosts_file import host_in


def test_what_belongs_to_no_step_is_put_down_to_what_was_typed(tmp_path):
    host = host_in(tmp_path)
    report = HostReport(plan.make(host, daily.rollback.resources(host)), "apply")

    stopped = {"event": "result", "id": "state", "state": "failed", "what": "stopped"}
    runner._note(report, stopped)

    assert report.outcomes[0].step == "rollback"
