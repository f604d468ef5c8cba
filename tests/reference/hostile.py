# -*- coding: utf-8 -*-
"""Python 2. Bodies that want to break something: password lines with copies in HTML, attachments whose names lead out of
their folder, deep trees, lines of headers in bodies, boundaries that are almost right."""
import base64
import quopri

import messages

NAMES = ['"a\\nb.txt"', '"..\\\\..\\\\x.exe"', '"/etc/passwd"', '"a\tb.png"', "utf-8''%0Ax%2F..%2Fy.txt", '"nul\x00.txt"', '"=?iso-8859-1?q?x=2Fy=2Eexe?="', '"..%2f..%2fz"',
         '". ."', '"-rf"', '"a;b|c"', '"x.tar.gz"', '"x."', '"\xfc\xf6.doc"', '"' + 'y' * 300 + '"', '"a.html.txt"']
PLAIN = ['text/plain', 'text/plain; charset=utf-8', 'text/plain; charset=iso-8859-1; format=flowed; delsp=yes', 'text/plain; charset=""', 'text/plain; charset=x-no', 'text/plain; format="flowed"',
         'Text/Plain; charset=US-ASCII']
ENCODINGS = [None, None, '7bit', 'base64', 'quoted-printable', 'BASE64']


def entity(r, depth):
    """In place of messages.entity: most messages get a body from here."""
    if r.random() < 0.6:
        return r.choice([password, password, password, password, password, password_in_text, tree, attachments, header_lines, boundaries])(r)
    return messages.entity(r, depth)


def part(r, kind, text, extra=''):
    """A part as text, encoded somehow."""
    encoding = r.choice(ENCODINGS)
    head = 'Content-Type: %s\n%s' % (kind, extra)
    if encoding == 'base64':
        text = base64.encodestring(text)
    elif encoding == 'quoted-printable':
        text = quopri.encodestring(text)
    if encoding:
        head += 'Content-Transfer-Encoding: %s\n' % encoding
    return head + '\n' + text


def password_line(r):
    """Name and password of a pseudo header, and the whole line."""
    name = r.choice(['Approved', 'approve', 'X-Approved', 'APPROVE'])
    password = r.choice(['modpw', 'adminpw', 'wrong', 'a.b(c', 'p&lt;w', 'two words', ''])
    return name, password, name + ':' + r.choice([' ', '', '\t', '   ']) + password


def with_password(r, line):
    end = r.choice(['\n', '\n\n', '', '\r\n', '\nmore\nlines\n', '\n' + line + '\n'])
    return r.choice(['', '\n', '  \n\n', '\r\n']) + line + end


def password(r):
    """The line in text and in HTML, where it may hide between tags."""
    name, secret, line = password_line(r)
    copy = r.choice([line, name + ':&nbsp;' + secret, name + ':\xa0 &nbsp;' + secret, '<i>' + name + '</i>: ' + secret, name + ':<b>' + secret + '</b>', 'x', line + line,
                     name.lower() + ': ' + secret])
    html = r.choice(['<p>%s</p>\n', '<b>%s</b><br>\nrest', '<p>\n%s<br>']) % copy
    parts = [part(r, r.choice(PLAIN), with_password(r, line)), part(r, r.choice(['text/html', 'text/html; charset=utf-8', 'text/enriched']), html)]
    if r.random() < 0.3:
        parts.reverse()
    if r.random() < 0.3:
        parts.append(part(r, r.choice(['text/x-y', 'application/x', 'message/rfc822']), r.choice(['', 'Subject: x\n\n']) + line))
    body = ''.join(['--sp\n' + one + '\n' for one in parts]) + r.choice(['--sp--\n', ''])
    return [('Content-Type', 'multipart/%s; boundary=sp' % r.choice(['alternative', 'mixed', 'related', 'signed']))], body


def password_in_text(r):
    return [('Content-Type', r.choice(PLAIN))], with_password(r, password_line(r)[2]) + messages.text_body(r)


def tree(r):
    inner = 'Content-Type: text/plain\n\ndeep\n'
    for n in range(r.choice([3, 10, 40])):
        inner = r.choice(['Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n%s\n--n%d--\n' % (n, n, inner, n), 'Content-Type: message/rfc822\n\nSubject: s%d\n%s' % (n, inner),
                          'Content-Type: multipart/alternative; boundary="n%d"\n\n--n%d\n%s\n' % (n, n, inner)])
    head, body = inner.split('\n\n', 1)
    return [tuple(line.split(': ', 1)) for line in head.split('\n')], body


def attachments(r):
    body = ''
    for _ in range(r.randint(1, 4)):
        given = r.choice(["filename*=utf-8''" + r.choice(NAMES).strip('"'), "filename*=x-no'en'%FF.bin", "filename*='' ", "filename*=iso-8859-1''a%2Fb%00.exe"] + ['filename=' + name for name in NAMES])
        kind = r.choice(['application/octet-stream', 'image/png', 'text/plain', 'text/html', 'application/x-zip; name=' + r.choice(NAMES), 'application/pdf'])
        body += '--nm\n' + part(r, kind, messages.text_body(r), 'Content-Disposition: %s; %s\n' % (r.choice(['attachment', 'inline', 'ATTACHMENT']), given)) + '\n'
    return [('Content-Type', 'multipart/mixed; boundary=nm')], body + '--nm--\n'


def header_lines(r):
    """What a topic's search takes for headers."""
    lines = ['Keywords: ' + messages.words(r, 1, 3), 'subject: roses\n and tulips', 'KEYWORDS : gr\xfcn', 'Topic: x', 'Keywords:', 'no header here', '', 'Subject: =?iso-8859-1?q?gr=FCn?=',
             'keywords: one, two,\n\tthree']
    body = '\n'.join([r.choice(lines) for _ in range(r.randint(1, 8))]) + '\n' + messages.text_body(r)
    if r.random() < 0.4:
        return [('Content-Type', 'multipart/alternative; boundary=tp')], '--tp\n' + part(r, r.choice(PLAIN), body) + '\n--tp\n' + part(r, 'text/html', body) + '\n--tp--\n'
    return [('Content-Type', r.choice(PLAIN))], body


def boundaries(r):
    kinds = ['text/plain', 'text/html', 'multipart/mixed; boundary=uu', 'message/rfc822', 'multipart/digest; boundary=q', 'message/delivery-status', 'message/external-body']
    body = ''
    for _ in range(r.randint(1, 6)):
        line = r.choice(['uu', 'uu--', 'uux', 'u', 'uu ', ' uu'])
        body += '--' + line + '\n' + part(r, r.choice(kinds), messages.text_body(r)) + r.choice(['', '\n', '\r\n', '\r'])
    kind = r.choice(['mixed', 'alternative', 'digest', 'report', 'signed'])
    return [('Content-Type', 'multipart/%s; boundary=%s' % (kind, r.choice(['uu', '"uu "', '"uu"', 'UU'])))], body
