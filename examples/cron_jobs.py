#!/usr/bin/env python3
"""Times mailpasswds and checkdbs of Mailman's Python and of mailman2-rs on one disposable site, in turn:

    examples/cron_jobs.py SITE PYTHON2 target/release/mailman2-rs [MEMBERS [LISTS [RUNS]]]

SITE is a copy of an installed Mailman 2.1 that knows its own place (Defaults.py and paths.py name it); its lists, queues and
settings are overwritten. Both programs send the same letters: their number is printed and must agree.
"""
import os
import shutil
import subprocess
import sys
import time

SITE, PYTHON, PROGRAM = sys.argv[1], sys.argv[2], os.path.abspath(sys.argv[3])
MEMBERS, LISTS, RUNS = (int(word) for word in (sys.argv[4:] + ['100000', '1000', '1'][len(sys.argv) - 4:]))
VIRGIN = os.path.join(SITE, 'qfiles/virgin')
POST = b'From: stranger@example.net\nTo: many@lists.example.com\nSubject: x\nMessage-ID: <x@example.net>\n\nWords.\n'


def ours(*words, stdin=b''):
    subprocess.run([PROGRAM, *words], input=stdin, env=dict(os.environ, MAILMAN_PREFIX=SITE), cwd=SITE, check=True,
                   stdout=subprocess.DEVNULL)


def make_site():
    for name in ('lists', 'qfiles', 'archives/private', 'archives/public', 'data', 'locks', 'logs'):
        shutil.rmtree(os.path.join(SITE, name), ignore_errors=True)
        os.makedirs(os.path.join(SITE, name))
    with open(os.path.join(SITE, 'Mailman/mm_cfg.py'), 'w') as file:
        file.write("from Defaults import *\nMTA = None\nDEFAULT_EMAIL_HOST = 'lists.example.com'\n"
                   "DEFAULT_URL_HOST = 'lists.example.com'\nadd_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)\n")
    for name in ('mailman', 'many', 'big'):
        ours('newlist', '-q', name, 'owner@lists.example.com', 'secret')
    members = b''.join(b'user%d@d%d.example.net\n' % (n, n % 50) for n in range(MEMBERS))
    ours('add_members', '-r', '-', '-w', 'n', '-a', 'n', 'big', stdin=members)
    ours('mailman', 'post', 'many', stdin=POST)
    ours('qrunner', '-r', 'IncomingRunner', '-o')
    many = os.path.join(SITE, 'lists/many')
    for n in range(LISTS - 1):
        shutil.copytree(many, '%s%04d' % (many, n))


def timed(name, argv):
    shutil.rmtree(VIRGIN, ignore_errors=True)
    os.sync()
    began = time.time()
    child = subprocess.Popen(argv, cwd=SITE, env=dict(os.environ, MAILMAN_PREFIX=SITE))
    _, status, usage = os.wait4(child.pid, 0)
    wall, cpu = time.time() - began, usage.ru_utime + usage.ru_stime
    letters = sum(entry.endswith('.pck') for entry in os.listdir(VIRGIN))
    print('%-24s %8.2f s %8.2f s of the processor %6d MB %7d letters, status %d'
          % (name, wall, cpu, usage.ru_maxrss // 1024, letters, status), flush=True)
    return wall, cpu


make_site()
for job in ('checkdbs', 'mailpasswds'):
    for _ in range(RUNS):
        theirs = timed('Python ' + job, [PYTHON, '-S', 'cron/' + job])
        mine = timed('mailman2-rs ' + job, [PROGRAM, job])
        print('%-24s %8.1f times faster, %.1f times less of the processor'
              % ('', theirs[0] / mine[0], theirs[1] / mine[1]), flush=True)
