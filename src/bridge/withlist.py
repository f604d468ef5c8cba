"""Opens lists with Mailman's own classes for a script of the site, or for a person at a prompt.

mailman2-rs replaces itself with this for what it cannot do itself. The first words are the site's folder and its bin
folder, the callable or an empty word, and a word of letters: l (lock), i (interactive), a (all lists), q (quiet). Then
come the list's name and arguments for the callable. Valid for Python 2.4 to 2.7.
"""

import os
import sys

home, bin_dir, run, flags = sys.argv[1:5]
words = sys.argv[5:]
quiet = 'q' in flags
sys.path.insert(0, bin_dir)
try:
    import paths
except ImportError:
    pass
sys.path.insert(0, os.path.join(home, 'pythonlib'))
sys.path.insert(0, home)
sys.path.append(bin_dir)
sys.argv = [os.path.join(bin_dir, 'withlist')] + words

from Mailman import Errors, MailList, Utils

m = None
r = None


def say(text):
    if not quiet:
        sys.stderr.write(text + '\n')


def give_back():
    """Locks are given back, and nothing is saved that the script has not saved."""
    if m is None:
        return
    if m.Locked():
        say('Unlocking (but not saving) list: %s' % m.internal_name())
        m.Unlock()
    say('Finalizing')


def with_list(name, arguments, function):
    global m
    locked = 'l' in flags
    say('Loading list %s (%s)' % (name, locked and 'locked' or 'unlocked'))
    try:
        m = MailList.MailList(name, lock=locked)
    except Errors.MMUnknownListError:
        sys.stderr.write('Unknown list: %s\n' % name)
        m = None
    if function:
        return function(m, *arguments)


def callable_of(name):
    module, function = name, name
    if '.' in name:
        module, function = name.rsplit('.', 1)
    say('Importing %s...' % module)
    __import__(module)
    say('Running %s.%s()...' % (module, function))
    return getattr(sys.modules[module], function)


def main():
    global r
    function = run and callable_of(run) or None
    if 'a' in flags:
        r = [with_list(name, words, function) for name in Utils.list_names()]
    elif words:
        r = with_list(words[0].lower().strip(), words[1:], function)
    if 'i' in flags:
        import code
        names = dict(globals())
        names.update({'m': m, 'r': r, 'MailList': MailList.MailList})
        code.interact(m and "m is the list %s" % m.internal_name() or '', None, names)


sys.exitfunc = give_back
main()
