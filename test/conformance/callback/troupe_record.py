"""A callback that writes what a run does as lines of JSON, for comparison with Troupe's events."""
import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: troupe_record
type: stdout
short_description: lines of JSON for comparison
description: lines of JSON for comparison
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "troupe_record"

    def _write(self, **event):
        with open(os.environ["TROUPE_RECORD"], "a", encoding="utf-8") as log:
            log.write(json.dumps(event, default=str) + "\n")

    def v2_playbook_on_play_start(self, play):
        self._write(play=play.get_name())

    def v2_playbook_on_task_start(self, task, is_conditional):
        if task.action.split(".")[-1] == "meta":
            return
        self._write(task=task.get_name().strip())

    def v2_playbook_on_handler_task_start(self, task):
        self._write(task=task.get_name().strip())

    def v2_playbook_on_include(self, included_file):
        hosts = sorted(h.name for h in included_file._hosts)
        self._write(include=os.path.basename(str(included_file._filename)), hosts=hosts)

    def _result(self, kind, result, ignored=False, item=None):
        task = getattr(result, "task", None) or result._task
        host = (getattr(result, "host", None) or result._host).get_name()
        values = getattr(result, "result", None) or result._result
        status = kind
        if kind == "ok" and values.get("changed"):
            status = "changed"
        if task.action.split(".")[-1] == "meta":
            return
        if task.action.split(".")[-1] in ("include_tasks", "include_role") and kind == "ok":
            return
        event = {"result": status, "host": host, "name": task.get_name().strip()}
        if ignored:
            event["ignored"] = True
        if item is not None:
            event["item"] = True
        if task.action.split(".")[-1] == "debug" and kind == "ok":
            skip = ("changed", "failed", "_ansible_verbose_always", "_ansible_no_log", "ansible_loop_var",
                    "ansible_index_var", "ansible_loop", "item", "skipped_reason", "warnings", "deprecations")
            own = {k: v for k, v in values.items() if not k.startswith("_ansible") and k not in skip}
            if "results" not in own:
                event["said"] = own
        self._write(**event)

    def v2_runner_on_ok(self, result):
        self._result("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result("failed", result, ignored=ignore_errors)

    def v2_runner_on_skipped(self, result):
        self._result("skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._result("unreachable", result)

    def v2_runner_item_on_ok(self, result):
        self._result("ok", result, item=True)

    def v2_runner_item_on_failed(self, result):
        self._result("failed", result, item=True)

    def v2_runner_item_on_skipped(self, result):
        self._result("skipped", result, item=True)

    def v2_playbook_on_no_hosts_matched(self):
        self._write(no_hosts=True)

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            self._write(stats=stats.summarize(host), host=host)
