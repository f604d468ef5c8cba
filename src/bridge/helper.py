"""Does in Mailman's own Python what needs it: a handler, or a whole queue entry, of a site with Python code of its own.

mailman2-rs starts this with `python -c` for each one. A request comes on standard input and a result goes to standard
output, both as pickles. The list's lock stays with mailman2-rs, which waits; here it counts as held. Valid for Python
2.4 to 2.7.
"""

import sys

if sys.version_info[0] != 2:
    sys.exit(97)

import cPickle
import os
import traceback
from types import MethodType


def streams():
    """The request and the result; handlers that print or read meet neither."""
    request = os.fdopen(os.dup(0), 'rb')
    result = os.fdopen(os.dup(1), 'wb')
    nothing = os.open('/dev/null', os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return request, result


def find_mailman(home, bin_dir):
    """What Mailman's bin/paths.py does, and then this site's files first."""
    sys.path.insert(0, bin_dir)
    try:
        import paths
    except ImportError:
        pass
    sys.path.insert(0, os.path.join(home, 'pythonlib'))
    sys.path.insert(0, home)


def lend_lock(mlist):
    """The lock file names the claim of whoever holds it; that is mailman2-rs, and nothing is released at the end."""
    lock = mlist._MailList__lock
    lock._LockFile__owned = False
    holder = open(lock._LockFile__lockfile)
    lock._LockFile__tmpfname = holder.read()
    holder.close()


def open_list(name, attributes):
    """The list as mailman2-rs has it in memory, changes that are not saved yet included."""
    from Mailman import MailList
    plain_load = MailList.MailList.Load
    loaded = []

    def load(self, check_version=True):
        if self.internal_name() != name:
            return plain_load(self, check_version)
        if not loaded:
            loaded.append(1)
            lend_lock(self)
            self.__dict__.update(attributes)
            self.CheckVersion(attributes)
            self.CheckValues()

    MailList.MailList.Load = load
    return MailList.MailList(name, lock=0)


def kept(mlist):
    """The attributes that MailList.Save writes, each as a pickle."""
    pickles = {}
    for key, value in mlist.__dict__.items():
        if key[0] != '_' and type(value) is not MethodType:
            pickles[key] = cPickle.dumps(value, 1)
    return pickles


def changes(before, mlist):
    """The attributes that are new or different, and the names of those that are gone."""
    after = kept(mlist)
    changed = {}
    for key, value in after.items():
        if before.get(key) != value:
            changed[key] = mlist.__dict__[key]
    return changed, [key for key in before.keys() if key not in after]


def module_of(name):
    __import__(name)
    return sys.modules[name]


def run_handler(request, attributes, msg, msgdata):
    """One handler of the pipeline; its verdict, and what it made of the list."""
    from Mailman import Errors, i18n
    nothing = ({}, [])
    try:
        mlist = open_list(request['list'], attributes)
        i18n.set_language(request['language'])
        before = kept(mlist)
        handler = module_of('Mailman.Handlers.' + request['name'])
        pid = os.getpid()
        try:
            verdict = ('continue', '')
            handler.process(mlist, msg, msgdata)
        except Errors.DiscardMessage:
            verdict = ('discard', '')
        except Errors.HoldMessage:
            verdict = ('hold', '')
        except Errors.RejectMessage, e:
            verdict = ('reject', e.notice())
        if pid != os.getpid():
            os._exit(1)
        mlist.SaveRequestsDb()
        return verdict, changes(before, mlist)
    except:
        return failure(), nothing


def run_entry(request, msg, msgdata):
    """What the runner of this class does with one entry, between taking it from its queue and finishing it."""
    from Mailman import mm_cfg
    from Mailman.Queue import Runner, Switchboard

    def begin(self, slice=None, numslices=1):
        # Without recovering anything: the entry in work is still there as a .bak file.
        self._kids = {}
        self._switchboard = Switchboard.Switchboard(self.QDIR)
        self._shunt = Switchboard.Switchboard(mm_cfg.SHUNTQUEUE_DIR)
        self._stop = False

    try:
        Runner.Runner.__init__ = begin
        runner = getattr(module_of('Mailman.Queue.' + request['name']), request['name'])()
        try:
            runner._onefile(msg, msgdata)
        finally:
            runner._cleanup()
        return ('continue', ''), ({}, [])
    except:
        return failure(), ({}, [])


def failure():
    return ('error', ''.join(traceback.format_exception(*sys.exc_info())))


def parsed(msg):
    """Entries made by scripts hold the message as text."""
    if not isinstance(msg, str):
        return msg
    import email
    from Mailman import Message
    return email.message_from_string(msg, Message.Message)


def main():
    source, result = streams()
    request = cPickle.load(source)
    find_mailman(request['home'], request['bin'])
    attributes = cPickle.load(source)
    msg = cPickle.load(source)
    msgdata = cPickle.load(source)
    source.close()
    msg = parsed(msg)
    if request['verb'] == 'handler':
        verdict, (changed, gone) = run_handler(request, attributes, msg, msgdata)
    else:
        verdict, (changed, gone) = run_entry(request, msg, msgdata)
    for part in (verdict, msg, msgdata, changed, gone):
        cPickle.dump(part, result, 1)
    result.flush()
    # Without the destructors: one of them would give the lock back.
    os._exit(0)


main()
