"""Answers the cases of the site's differential tests with Python 2 itself.

Each line of standard input is one case: a word and hexadecimal fields. `run` executes a small program and shows its
name x; `format` fills in a template that is written as an expression with its values; `float` shows a float.
"""
import signal
import struct
import sys


def unhex(field):
    return '' if field == '-' else field.decode('hex')


def run(source):
    names = {}
    exec source in names
    return repr(names.get('x'))


def fill(template, values):
    return repr(template % eval(values))


def show(bits):
    x, = struct.unpack('>d', bits)
    return '%r %s %.17g %.3f %e' % (x, x, x, x, x)


for line in sys.stdin:
    fields = line.split()
    # A case that takes seconds ends the process, and the test with it.
    signal.alarm(5)
    try:
        answer = {'run': run, 'format': fill, 'float': show}[fields[0]](*map(unhex, fields[1:]))
    except Exception, error:
        answer = error.__class__.__name__
    print answer.replace('\n', '\\n')
    sys.stdout.flush()
