# -*- coding: utf-8 -*-
"""Python 2. Messages with all kinds of headers and bodies, as text."""
import base64
import quopri

WORDS = ['rose', 'flower', 'Tulip', 'help', 'subscribe', 'unsubscribe', 'set digest on now', 'gr\xfcn', 'make money fast', 'who', 'spam', 'loan',
         'From here', '>From there', 'the', 'quick', 'brown', 'fox', 'http://example.com/x?y=1&z=2', 'a@b.c', '<tag>', '&amp;', '-- ', 'viagra',
         'gr\xc3\xbcn', '\xa4\xb3\xa4\xec', '50%', '%(x)s', '$y', 'end.', 'one', 'three', '\x00', 'b\x08s', '\x0c']
CHARSETS = ['us-ascii', 'iso-8859-1', 'utf-8', 'UTF-8', 'iso-8859-15', 'windows-1252', 'koi8-r', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'gb2312',
            'big5', 'euc-kr', 'ks_c_5601-1987', 'x-unknown', '"utf-8"', 'unknown-8bit', '', 'latin1', 'ascii', 'utf-7', 'gbk', 'cp1251',
            "utf-8'de", 'iso-8859-8-i', 'gb18030', 'tis-620', 'utf-16']
ENCODED = ['=?iso-8859-1?q?M=FCller?=', '=?utf-8?B?w6TDtsO8?=', '=?utf-8?q?gr=C3=BCn?= =?utf-8?q?_rose?=', '=?x-unknown?q?abc=FF?=', '=?utf-8?b?broken?=',
           '=?iso-2022-jp?b?GyRCJDMkbBsoQg==?=', '=?us-ascii?q?Re=3A_plain?=', '=?utf-8?q??=', '=?koi8-r?B?9MXT1A==?=', '=?utf-8?q?=E2=82=AC?= text',
           '=?gb2312?B?1tDOxA==?=', '=?iso-8859-1?q?M=FCll?=\n =?iso-8859-1?q?er?=', '=?utf-8?B?w6TDtsO8?=x', 'a=?utf-8?q?b?=', '=?utf-8?b?w6T?=', '=?iso-8859-1?q?a?b?=',
           '=?utf-8?q?=FF=FE?=', '=?utf-8?q?new=0Aline?=']
NAMES = ['', 'Ann Field', '"Field, Ann"', 'Ann (comment)', 'M\xfcller', '=?iso-8859-1?q?M=FCller?=', '=?utf-8?b?w6TDtsO8?= Smith', '"who@ex.am"', 'a.b',
         '"qu\\"ote"', 'Bob via List', '\xe5\xb1\xb1', 'x' * 80, '=?utf-8?q?a=2C_b?=', "O'Neil"]
LOCALS = ['m0', 'm1', 'm2', 'm3+tag', 'm4.x', 'M1Upper', 'm1upper', 'ann', 'bob', 'stranger', 'm0', 'm1', 'm2', 'm5', 'm6.x', 'l1-admin']
DOMAINS = ['example.com', 'example.org', 'sub.example.net', 'Example.NET', 'elsewhere.test', 'spam.test', 'lists.example.com']


def words(r, least, most):
    return ' '.join([r.choice(WORDS) for _ in range(r.randint(least, most))])


def plain_words(r, least, most):
    return words(r, least, most).replace('\x00', '').replace('\x0c', '')


def address(r):
    return r.choice(LOCALS) + '@' + r.choice(DOMAINS)


def mailbox(r, where=None):
    where = where or address(r)
    if r.random() < 0.05:
        return r.choice(['', 'nonsense', '<>', '@', 'Group: a@b.c, d@e.f;', 'a@b@c', '"unclosed <a@b.c>', 'undisclosed-recipients:;', '<' + where, where + ' (',
                         'x <%s> y' % where, '"a b"@example.com', 'm1@[127.0.0.1]', 'm1 @ example . com', '<@route:m1@example.com>', 'm1'])
    name = r.choice(NAMES)
    if not name:
        return r.choice([where, '<%s>' % where])
    return r.choice(['%s <%s>' % (name, where), '%s <%s>' % (name, where), '%s (%s)' % (where, name)])


def fold(r, text):
    parts = text.split(' ')
    for at in range(1, len(parts)):
        if r.random() < 0.15:
            parts[at] = r.choice(['\n ', '\n\t', '\n  ']) + parts[at]
        else:
            parts[at] = ' ' + parts[at]
    return ''.join(parts)


def member_of(r, mlist):
    members = mlist.getMembers()
    if members and r.random() < 0.7:
        return mlist.getMemberCPAddress(r.choice(members))
    return address(r)


def subject(r, mlist):
    kinds = [lambda: plain_words(r, 1, 6), lambda: 'Re: ' + plain_words(r, 1, 3), lambda: r.choice(ENCODED) + ' ' + r.choice(ENCODED),
             lambda: mlist.subject_prefix.encode('utf-8', 'replace') if isinstance(mlist.subject_prefix, unicode) else mlist.subject_prefix,
             lambda: 'Re: [Club] hello', lambda: r.choice(['RE[2]:', 'Aw :', 'SV:Re:', 're :  Re: ']) + ' [%s] ' % mlist.real_name + plain_words(r, 0, 3),
             lambda: r.choice(ENCODED), lambda: 'Re: ' + r.choice(ENCODED), lambda: '', lambda: ' ', lambda: 'w' * r.choice([70, 200]), lambda: words(r, 20, 40),
             lambda: '[%s] ' % mlist.real_name + r.choice(ENCODED), lambda: '[club 12] Re: back', lambda: 'Topic: ' + r.choice(['roses', 'tulip']),
             lambda: '[%s]Re: [%s] x' % (mlist.real_name, mlist.real_name.lower()), lambda: '\xfc\xf6', lambda: 'gr\xc3\xbcn text', lambda: ',;: a, b; c']
    return fold(r, r.choice(kinds)())


def other_headers(r, mlist):
    own = mlist.GetListEmail()
    pool = [('Sender', lambda: mailbox(r)), ('Reply-To', lambda: mailbox(r)), ('Reply-To', lambda: mailbox(r) + ', ' + mailbox(r)), ('Reply-To', lambda: own),
            ('Cc', lambda: ', '.join([mailbox(r, member_of(r, mlist)) for _ in range(r.randint(1, 4))])), ('Cc', lambda: mailbox(r, own)), ('CC', lambda: mailbox(r)),
            ('Resent-To', lambda: mailbox(r, own)), ('Resent-Cc', lambda: mailbox(r)), ('Resent-Message-ID', lambda: '<r@x>'), ('Precedence', lambda: r.choice(['bulk', 'list', 'junk', 'Bulk', 'x'])),
            ('X-Ack', lambda: r.choice(['yes', 'no', 'Yes', 'No'])), ('X-BeenThere', lambda: r.choice([own, own.upper(), ' ' + own + ' ', 'x@y.z']) if r.random() < 0.3 else 'x@y.z'),
            ('X-Loop', lambda: own), ('List-Id', lambda: 'foreign <foreign.id>'), ('List-Post', lambda: '<mailto:x@y.z>'), ('List-Help', lambda: '<x>'), ('Archived-At', lambda: '<http://x>'),
            ('In-Reply-To', lambda: '<a@b>'), ('References', lambda: ' '.join(['<%d.abc@example.com>' % n for n in range(r.randint(1, 12))])), ('Keywords', lambda: words(r, 1, 3)),
            ('Approved', lambda: r.choice(['modpw', 'adminpw', 'postpw', 'wrong', '', ' modpw '])), ('Approve', lambda: r.choice(['adminpw', 'no'])), ('X-Approved', lambda: 'adminpw'),
            ('X-Approve', lambda: 'modpw'), ('Urgent', lambda: r.choice(['modpw', 'adminpw', 'postpw', 'pw', 'wrong'])), ('X-Spam', lambda: 'yes'), ('X-Spam-Flag', lambda: 'YES'), ('X-Custom', lambda: 'foo foo'),
            ('X-Custom', lambda: 'aaa'), ('X-Keep', lambda: 'kept'), ('X-Evil', lambda: 'yes'), ('Received', lambda: 'from evil (relay [1.2.3.4])\n\tby mx.example.com with ESMTP id ABC;\n\tMon, 2 Mar 2026 10:00:00 +0000'),
            ('Received', lambda: 'by x'), ('DKIM-Signature', lambda: 'v=1; a=rsa-sha256; c=relaxed/relaxed;\n\td=example.com; s=x; bh=' + 'A' * 44 + ';\n\tb=' + 'B' * 90),
            ('DomainKey-Signature', lambda: 'a=rsa-sha1; q=dns'), ('Authentication-Results', lambda: 'mx; dkim=pass'), ('Organization', lambda: 'Org \xfc'), ('X-Envelope-From', lambda: 'x@y.z'),
            ('X-Originating-Email', lambda: '[x@y.z]'), ('Return-Path', lambda: '<x@y.z>'), ('Return-Receipt-To', lambda: 'x@y.z'), ('Disposition-Notification-To', lambda: 'x@y.z'),
            ('X-Confirm-Reading-To', lambda: 'x@y.z'), ('X-Pmrqc', lambda: '1'), ('X-No-Archive', lambda: r.choice(['', 'yes'])), ('X-Archive', lambda: r.choice(['no', 'No', 'yes'])),
            ('X-Mailman-Version', lambda: '2.1.5'), ('X-Topics', lambda: 'old'), ('X-Content-Filtered-By', lambda: 'x'), ('X-Mailman-Approved-At', lambda: 'then'), ('Newsgroups', lambda: 'comp.club'),
            ('Errors-To', lambda: 'x@y.z'), ('X-Big', lambda: 'z' * r.choice([100, 998, 3000])), ('X-Long', lambda: words(r, 30, 60)), ('X-8bit', lambda: 'gr\xfcn \xe4\xf6'), ('X-Enc', lambda: fold(r, ' '.join([r.choice(ENCODED) for _ in range(4)]))),
            ('X-Empty', lambda: ''), ('Message', lambda: '3'), ('X-Mailman-Copy', lambda: 'x'), ('X-List-Administrivia', lambda: 'no'), ('From', lambda: mailbox(r)), ('X-CR', lambda: 'a\rb'),
            ('MIME-Version', lambda: '1.0'), ('Subject', lambda: 'second subject'), ('To', lambda: mailbox(r, own)), ('X-Semi', lambda: 'a; b=c; ' * 12), ('X-Sender', lambda: address(r)), ('Comments', lambda: 'c\n\n'[:1])]
    return [(name, make()) for name, make in [r.choice(pool) for _ in range(r.randint(0, r.choice([2, 6, 12])))]]


def recipients(r, mlist):
    own = mlist.GetListEmail()
    return r.choice([own, own, own, own, mailbox(r, own), own.upper(), mlist.internal_name() + '@elsewhere.test', mailbox(r), own + ', ' + mailbox(r, member_of(r, mlist)),
                     'club-alias@lists.example.com', 'friends@x.y', ', '.join([mailbox(r, member_of(r, mlist)) for _ in range(4)] + [own]), own + ',\n\t' + mailbox(r)])


def sender(r, mlist):
    where = member_of(r, mlist)
    if r.random() < 0.06:
        return ', '.join([mailbox(r, where), mailbox(r)])
    return mailbox(r, where)


def message(r, mlist, number, entity):
    """The text of one message to this list; `entity` makes its body."""
    lines = []
    if r.random() < 0.3:
        lines.append('From %s Mon Mar  2 10:00:00 2026' % r.choice([address(r), 'm1@example.com', 'x']))
    headers = []
    if r.random() < 0.96:
        headers.append(('From', sender(r, mlist)))
    if r.random() < 0.95:
        headers.append(('To', recipients(r, mlist)))
    if r.random() < 0.95:
        headers.append(('Subject', subject(r, mlist)))
    if r.random() < 0.95:
        headers.append(('Message-ID', r.choice(['<case.%d@example.com>', '<case.%d.' + 'i' * 60 + '@example.com>', 'case%d', ' <case.%d@x>']) % number))
    if r.random() < 0.85:
        headers.append(('Date', r.choice(['Mon, 2 Mar 2026 10:00:00 +0000', 'Tue, 10 Mar 2026 09:15:07 -0800', 'nonsense', '', '10 Mar 2026 8:00', 'Thu, 1 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 1999 23:59:59 +2400'])))
    headers += other_headers(r, mlist)
    if r.random() < 0.2:
        r.shuffle(headers)
    mime, body = entity(r, 0)
    if r.random() < 0.95 and mime:
        headers.append(('MIME-Version', '1.0'))
    headers += mime
    gap = r.choice([': ', ': ', ': ', ': ', ':', ':  '])
    for name, value in headers:
        lines.append(name + gap + value)
    if r.random() < 0.02:
        lines.insert(r.randint(0, len(lines)), r.choice(['no colon here', ' leading blank', 'Bad Name: x', ': empty', '>From x']))
    text = '\n'.join(lines) + r.choice(['\n\n', '\n\n', '\n\n', '\n\n', '\n\n\n', '\n', '']) + body
    if r.random() < 0.03:
        text = text.replace('\n', '\r\n')
    return text


def answer(r, mlist, cookie):
    """The text of an answer to the notice of a held post, and to which kind of address it goes."""
    kind = r.choice(['torequest', 'toconfirm'])
    local = {'torequest': '%s-request', 'toconfirm': '%s-confirm+' + cookie}[kind] % mlist.internal_name()
    lines = ['From: ' + r.choice(['own@example.com', 'Mod <mod@example.com>', mailbox(r, member_of(r, mlist))]),
             'To: %s@%s' % (local, mlist.host_name),
             'Subject: ' + r.choice(['confirm %s', 'Re: confirm %s', 'Aw:confirm %s', 'CONFIRM %s', 'confirm %s now', 'Re: Re: confirm %s',
                                     '=?utf-8?q?confirm?= %s', 'hello', 'confirm 0000']).replace('%s', cookie),
             'Message-ID: <answer.%s@example.com>' % mlist.internal_name()]
    lines += r.choice([[], [], ['Approved: adminpw'], ['Approve: modpw'], ['approved:  adminpw '], ['Approved: wrong'], ['Approved: postpw'], ['Approved:'],
                       ['X-Approved: adminpw']])
    body = r.choice(['', '', 'Approved: adminpw\n', '\n \napprove:modpw\nmore\n', 'Approve: wrong\n', 'Thanks.\nApproved: adminpw\n', 'confirm %s\n', 'help\nconfirm %s\n',
                     'confirm %s\nend\nwho\n', '> confirm %s\n']).replace('%s', cookie)
    if r.random() < 0.2:
        lines.append('Content-Type: ' + r.choice(['text/html', 'text/plain; charset=utf-8', 'text/plain; charset=x']))
    return '\n'.join(lines) + '\n\n' + body, kind


def text_body(r):
    lead = ''
    if r.random() < 0.12:
        name = r.choice(['Approved', 'approve', 'X-Approved', 'X-APPROVE', 'Approved ', 'Urgent', 'Keywords', 'Subject'])
        lead = r.choice(['', '\n', ' \n']) + name + ':' + r.choice([' ', '', '\t', '  ']) + r.choice(['modpw', 'adminpw', 'postpw', 'wrong', 'rose', '']) + r.choice(['\n', '\n\n', ' \n', ''])
    lines = [words(r, 0, r.choice([3, 12])) for _ in range(r.choice([0, 1, 1, 3, 6, 30]))]
    return lead + '\n'.join(lines) + r.choice(['\n', '\n', '\n', '', '\n\n', '\r\n'])


def encoded(r, text):
    """A body and its transfer encoding; some are not what they say."""
    kind = r.choice([None, None, None, '7bit', '8bit', 'base64', 'quoted-printable', 'QUOTED-PRINTABLE', 'x-uuencode', 'x-what', 'binary', ' base64 '])
    body = text
    if kind and kind.strip().lower() == 'base64':
        body = base64.encodestring(text)
        if r.random() < 0.2:
            body = r.choice([body[:-3], body + '!!!', '****' + body, text, body.replace('A', '.', 1), body + '\ntrailing text\n', '=' + body])
    elif kind and 'quoted' in kind.lower():
        body = quopri.encodestring(text)
        if r.random() < 0.2:
            body = r.choice([body + '=', body.replace('=', '=ZZ', 1), text, body + '=\n'])
    elif kind == 'x-uuencode' and r.random() < 0.5:
        body = 'begin 644 x.txt\n' + ''.join([text[i:i + 45].encode('uu').split('\n')[1] + '\n' for i in range(0, min(len(text), 90), 45)]) + ' \nend\n'
    return kind, body


def params(r, kind):
    out = kind
    if r.random() < 0.6:
        out += r.choice(['; charset=', ';charset=', ';\n\tcharset=', '; CHARSET=']) + (r.choice(CHARSETS[:4]) if r.random() < 0.5 else r.choice(CHARSETS))
    if r.random() < 0.15:
        out += '; format=' + r.choice(['flowed', 'fixed', '"flowed"']) + r.choice(['', '; delsp=yes', '; DelSp=no'])
    if r.random() < 0.1:
        out += r.choice(["; name*=utf-8''gr%C3%BCn.txt", '; name="a.exe"', '; foo', ';', "; charset*=us-ascii'en'utf-8", "; name*0=a; name*1=b.txt"])
    return out


FILENAMES = ['a.txt', 'b.exe', '"c d.png"', '../../etc/passwd', '"x\\"y.ZIP"', '=?utf-8?q?gr=C3=BCn.pdf?=', 'noext', '.hidden', '"a.b.c.jpg"', 'f\xfcr.doc', '""', 'long' * 70 + '.txt', '"nl\n .pif"', '"tr.bin "', 'q.JPG', '"a/b\\\\c.txt"', '"..."', '"$x;.exe"']


def disposition(r):
    kind = r.choice(['attachment', 'inline', 'Attachment', 'x', ''])
    name = r.choice(['; filename=' + r.choice(FILENAMES), '; filename=' + r.choice(FILENAMES), '', "; filename*=utf-8''%E2%82%AC.txt", "; filename*=iso-8859-1'de'gr%FCn.exe", "; filename*0=abc; filename*1=.exe"])
    return kind + name


def leaf(r):
    kind = r.choice(['text/plain', 'text/plain', 'text/plain', 'text/html', 'text/html', 'image/png', 'application/octet-stream', 'application/pgp-signature', 'text/x-vcard',
                     'text/calendar', 'audio/x-wav', 'x', 'text', 'TEXT/PLAIN', 'application/msword', 'message/delivery-status', 'message/partial', 'text/', '/plain', 'image/jpeg'])
    text = text_body(r)
    if kind == 'text/html':
        text = r.choice(['<html><body>%s</body></html>\n', '<p>%s', '%s']) % text
    if kind.startswith(('image', 'audio', 'application')) and r.random() < 0.6:
        text = ''.join([chr(r.randint(0, 255)) for _ in range(r.choice([0, 1, 60, 200]))])
    if kind == 'message/delivery-status':
        text = 'Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.c\nAction: failed\n\n'
    encoding, body = encoded(r, text)
    headers = [('Content-Type', params(r, kind))] if r.random() < 0.9 else []
    if encoding:
        headers.append(('Content-Transfer-Encoding', encoding))
    if r.random() < (0.2 if kind.lower().startswith('text') else 0.7):
        headers.append(('Content-Disposition', disposition(r)))
    for name, value in [('Content-Description', 'a part'), ('Content-ID', '<x@y>'), ('Content-Language', 'en'), ('X-Part', 'gr\xfcn'), ('Subject', 'inner')]:
        if r.random() < 0.06:
            headers.append((name, value))
    if r.random() < 0.1:
        r.shuffle(headers)
    return headers, body


def lines_of(headers):
    return ''.join(['%s: %s\n' % pair for pair in headers])


def entity(r, depth):
    """Headers about the content, and the content."""
    chance = r.random()
    if depth > 3 or chance < (0.55 if depth == 0 else 0.7):
        if depth == 0 and chance < 0.2:
            return [], text_body(r)
        return leaf(r)
    if chance > 0.93:
        headers, body = entity(r, depth + 1)
        inner = 'From: %s\nSubject: %s\nDate: x\n' % (mailbox(r), r.choice(ENCODED + ['inner', ''])) + lines_of(headers) + '\n' + body
        return [('Content-Type', r.choice(['message/rfc822', 'message/rfc822; charset=x', 'Message/RFC822']))] + ([('Content-Disposition', disposition(r))] if r.random() < 0.3 else []), inner
    return multipart(r, depth)


def multipart(r, depth):
    kind = r.choice(['mixed', 'mixed', 'alternative', 'alternative', 'related', 'signed', 'digest', 'report', 'x-odd'])
    mark = 'b%d%d' % (depth, r.randint(0, 2))
    declared = r.choice(['; boundary=%s', '; boundary="%s"', ';\n\tboundary="%s"', '; charset=utf-8; boundary="%s"', '; boundary="%s"; protocol="application/pgp-signature"']) % mark
    if r.random() < 0.04:
        declared = r.choice(['', '; boundary=""', '; boundary=other', "; boundary*=us-ascii''" + mark])
    out = r.choice(['', '', '', 'This is a preamble.\n', '\n', 'two\nlines\n'])
    count = r.choice([0, 1, 1, 2, 2, 2, 3])
    for _ in range(count):
        headers, body = entity(r, depth + 1)
        out += r.choice(['--%s\n', '--%s\n', '--%s\n', '--%s  \n', '--%s\n']) % mark + lines_of(headers) + r.choice(['\n', '\n', '\n', '\n', '']) + body
        if not out.endswith('\n') or r.random() < 0.5:
            out += '\n'
    end = '--%s--' % mark
    out += r.choice([end + '\n', end + '\n', end + '\n', end, end + '\nepilogue\n', '', '--%s\n' % mark, end + '\n\n', end + '\n' + end + '\n'])
    headers = [('Content-Type', r.choice(['multipart/', 'Multipart/']) + kind + declared)]
    if r.random() < 0.05:
        headers.append(('Content-Transfer-Encoding', r.choice(['8bit', 'base64', 'quoted-printable'])))
    return headers, out
