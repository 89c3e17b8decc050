"""Runs many small playbooks with stock Ansible, a forked process each, and writes what happened as JSON.

Usage (inside the reference): python3 record_corpus.py CASES.json OUTCOMES.json
CASES.json: [{"folder": ..., "args": [...]}]; every folder holds play.yml and hosts.
"""
import json
import multiprocessing
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ.update({
    "ANSIBLE_CALLBACK_PLUGINS": os.path.join(HERE, "callback"),
    "ANSIBLE_STDOUT_CALLBACK": "troupe_record",
    "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    "ANSIBLE_LOCALHOST_WARNING": "0",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
    "ANSIBLE_GATHERING": "explicit",
    "ANSIBLE_RETRY_FILES_ENABLED": "0",
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_FORKS": "3",
})


def run(case):
    os.chdir(case["folder"])
    log = os.path.join(case["folder"], ".record")
    pid = os.fork()
    if pid == 0:
        os.environ["TROUPE_RECORD"] = log
        os.environ.update(case["environment"])
        out = os.open(os.path.join(case["folder"], ".output"), os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.dup2(os.open(os.path.join(case["folder"], ".input"), os.O_RDONLY), 0)
        code = 250
        try:
            # Settings are read, and the standard input is taken, once for each process.
            if case["environment"] or case["input"]:
                os.execv(sys.executable, [sys.executable, "-m", "ansible", "playbook", "-i", "hosts", *case["args"], "play.yml"])
            from ansible.cli.playbook import PlaybookCLI
            PlaybookCLI.cli_executor(["ansible-playbook", "-i", "hosts", *case["args"], "play.yml"])
        except SystemExit as end:
            code = end.code or 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    events = []
    if os.path.exists(log):
        with open(log, encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
    with open(os.path.join(case["folder"], ".output"), encoding="utf-8", errors="replace") as text:
        output = text.read()
    return {"rc": os.waitstatus_to_exitcode(status), "events": events, "output": output[-1500:]}


if __name__ == "__main__":
    import ansible.cli.playbook  # noqa: F401  once, before the forks
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    # Daemonic workers may have no children: a plain pool of processes that fork by themselves.
    from concurrent.futures import ThreadPoolExecutor
    chunks = [cases[i::2] for i in range(2)]

    def worker(chunk, path):
        with open(path, "w", encoding="utf-8") as out:
            json.dump([run(case) for case in chunk], out)

    procs = []
    for i, chunk in enumerate(chunks):
        p = multiprocessing.get_context("fork").Process(target=worker, args=(chunk, f"{sys.argv[2]}.{i}"))
        p.start()
        procs.append(p)
    for p in procs:
        p.join()
    import ansible.release
    outcomes = [None] * len(cases)
    for i in range(2):
        with open(f"{sys.argv[2]}.{i}", encoding="utf-8") as part:
            outcomes[i::2] = json.load(part)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump({"version": ansible.release.__version__, "outcomes": outcomes}, out)
