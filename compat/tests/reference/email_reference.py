"""Answers the cases of the differential tests with Python 2's own email package.

Each line of standard input is one case: a word and hexadecimal fields ("-" is an empty one). Each answer is one line.
"""
import binascii
import encodings.aliases
import quopri
import sys
import uu
from cStringIO import StringIO
from email import _parseaddr, base64mime, quoprimime, utils
from email.charset import Charset
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header

# Names that every program of Mailman makes known before anything else.
for name in ('iso_8859_6_e', 'iso_8859_6_i', 'iso_8859_8_e', 'iso_8859_8_i'):
    encodings.aliases.aliases[name] = 'iso8859_' + name[9]


def unhex(field):
    return '' if field == '-' else field.decode('hex')


def tohex(text):
    return text.encode('hex') or '-'


def text_of(kind, field):
    return field.decode('utf-8') if kind == 'u' else field


def points(text):
    return ','.join('%x' % ord(c) for c in text) or '-'


def header(fields):
    maxlinelen, name, ws = int(unhex(fields[0])), unhex(fields[1]) or None, unhex(fields[2])
    h = Header(maxlinelen=maxlinelen, header_name=name, continuation_ws=ws)
    rest = fields[3:]
    while rest:
        kind, text, charset = map(unhex, rest[:3])
        h.append(text_of(kind, text), charset and Charset(charset) or None)
        rest = rest[3:]
    try:
        value = tohex(h.encode())
    except HeaderParseError:
        value = 'HeaderParseError'
    return '%s %s' % (value, points(unicode(h)))


def decoded(fields):
    return ' '.join('%s/%s' % (tohex(s), charset is None and 'None' or tohex(charset))
                    for s, charset in decode_header(unhex(fields[0])))


def remade(fields):
    h = make_header(decode_header(unhex(fields[0])))
    return '%s %s' % (tohex(h.encode()), points(unicode(h)))


def addresses(fields):
    return ' '.join('%s/%s' % (tohex(n), tohex(a)) for n, a in utils.getaddresses(map(unhex, fields))) or '-'


def uudecode(text):
    out = StringIO()
    uu.decode(StringIO(text), out, quiet=True)
    return out.getvalue()


def charset(fields):
    c = Charset(unhex(fields[0]))
    return ' '.join(tohex(str(x)) for x in (c.input_charset, c.header_encoding, c.body_encoding, c.output_charset,
                                            c.input_codec, c.output_codec))


def date(fields):
    t = utils.parsedate_tz(unhex(fields[0]))
    if t is None:
        return 'None'
    try:
        epoch = '%d' % utils.mktime_tz(t)
    except (ValueError, OverflowError):
        epoch = 'None'
    return '%s %s %s' % (','.join(map(str, t[:6])), t[9], epoch)


def key_order(fields):
    d = {}
    for at, key in enumerate(map(unhex, fields)):
        d.setdefault(key, at)
    return ','.join(str(d[key]) for key in d)


def decode(fields):
    text = unicode(unhex(fields[2]), unhex(fields[0]), unhex(fields[1]))
    return points(text)


def encode(fields):
    text = u''.join(('\\U%08x' % int(p, 16)).decode('unicode_escape') for p in unhex(fields[2]).split(',') if p)
    return tohex(text.encode(unhex(fields[0]), unhex(fields[1])))


CASES = {
    'header': header,
    'decode_header': decoded,
    'make_header': remade,
    'addresses': addresses,
    'formataddr': lambda f: tohex(utils.formataddr((unhex(f[0]), unhex(f[1])))),
    'unquote': lambda f: tohex(utils.unquote(unhex(f[0]))),
    'quote': lambda f: tohex(_parseaddr.quote(unhex(f[0]))),
    'base64_decode': lambda f: tohex(binascii.a2b_base64(unhex(f[0]))),
    'base64_body': lambda f: tohex(base64mime.body_encode(unhex(f[0]))),
    'base64_header': lambda f: tohex(base64mime.header_encode(unhex(f[0]), unhex(f[1]))),
    'quopri_decode': lambda f: tohex(quopri.decodestring(unhex(f[0]))),
    'quopri_body': lambda f: tohex(quoprimime.body_encode(unhex(f[0]))),
    'quopri_header': lambda f: tohex(quoprimime.header_encode(unhex(f[0]), unhex(f[1]), maxlinelen=None)),
    'uu_decode': lambda f: tohex(uudecode(unhex(f[0]))),
    'body_encode': lambda f: tohex(Charset(unhex(f[0])).body_encode(unhex(f[1]))),
    'charset': charset,
    'date': date,
    'formatdate': lambda f: utils.formatdate(int(unhex(f[0])), unhex(f[1]) == 'local'),
    'order': key_order,
    'decode': decode,
    'encode': encode,
}

for line in sys.stdin:
    words = line.split()
    try:
        print CASES[words[0]](words[1:])
    except UnicodeError, e:
        print '%s: %s' % (e.__class__.__name__, e)
    except LookupError, e:
        print '%s: %s' % (e.__class__.__name__, e)
    except Exception, e:
        print e.__class__.__name__
