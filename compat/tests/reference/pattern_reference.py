"""Answers the cases of the differential tests of patterns with Python 2's own `re`.

Each line of standard input is one case: the way of searching, flags, and pattern and subject in hexadecimal. The way: b or t
(byte string or text), a (all matches), w (the whole match only, not its groups).
"""
import re
import sys

FLAGS = {'i': re.I, 'm': re.M, 's': re.S, 'x': re.X, 'u': re.U}


def spans(m, text, groups):
    if m is None:
        return 'None'

    def place(at):
        return at if at < 0 or isinstance(text, str) else len(text[:at].encode('utf-8'))
    return ' '.join('%d-%d' % (place(m.start(n)), place(m.end(n))) for n in range(groups and len(m.groups()) + 1 or 1))


for line in sys.stdin:
    how, flags, pattern, subject = line.rstrip('\n').split(' ')
    pattern, subject = pattern[1:].decode('hex'), subject[1:].decode('hex')
    if 't' in how:
        pattern, subject = pattern.decode('utf-8'), subject.decode('utf-8')
    groups = 'w' not in how
    try:
        p = re.compile(pattern, sum(FLAGS[f] for f in flags[1:]))
    except Exception, e:
        print ('error: %s' % (e.args and e.args[0] or e.__class__.__name__)).replace('\n', '\\n')
        continue
    if 'a' in how:
        print ' | '.join(spans(m, subject, groups) for m in p.finditer(subject)) or 'None'
    else:
        print '%s / %s' % (spans(p.search(subject), subject, groups), spans(p.match(subject), subject, groups))
    re.purge()
