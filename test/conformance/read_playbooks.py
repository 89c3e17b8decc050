"""Reads playbooks with stock ansible-core: python3 read_playbooks.py LIST OUT

LIST is JSON: [{"cwd": ..., "playbook": ...}]. Each is read by --syntax-check and --list-tasks in a process forked off one that has
loaded Ansible for that directory (its ansible.cfg is read when Ansible is imported). OUT gets one line of JSON for each.
"""
import io
import json
import os
import signal
import sys


def read_one(playbook, option):
    """Runs ansible-playbook in a child; returns its exit code and what it said."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reader)
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            signal.alarm(120)
            from ansible.cli.playbook import PlaybookCLI

            try:
                code = PlaybookCLI(['ansible-playbook', option, playbook]).run()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
            except BaseException as error:  # noqa: BLE001
                print('[ERROR]:', getattr(error, 'message', None) or error)
                code = getattr(error, '_exit_code', None) or 4
            sys.stdout.flush()
        finally:
            os._exit(int(code or 0) & 0xFF)
    os.close(writer)
    with io.open(reader, 'rb') as stream:
        said = stream.read().decode('utf-8', 'replace')
    status = os.waitpid(pid, 0)[1]
    return {'rc': os.waitstatus_to_exitcode(status), 'said': said[-4000:] if option == '--syntax-check' else said}


def read_all(cwd, playbooks, out):
    """All playbooks of one directory, in a process of its own."""
    pid = os.fork()
    if pid == 0:
        os.chdir(cwd)
        os.environ['ANSIBLE_NOCOLOR'] = '1'
        from ansible.cli.playbook import PlaybookCLI  # noqa: F401  (loaded once for all children)

        with open(out, 'a') as stream:
            for playbook in playbooks:
                syntax = read_one(playbook, '--syntax-check')
                listed = read_one(playbook, '--list-tasks') if syntax['rc'] == 0 else None
                stream.write(json.dumps({'cwd': cwd, 'playbook': playbook, 'syntax': syntax, 'list': listed}) + '\n')
                stream.flush()
        os._exit(0)
    os.waitpid(pid, 0)


def main():
    wanted, out = sys.argv[1:3]
    places = {}
    with open(wanted) as stream:
        for each in json.load(stream):
            places.setdefault(each['cwd'], []).append(each['playbook'])
    for cwd, playbooks in places.items():
        read_all(cwd, playbooks, out)


main()
