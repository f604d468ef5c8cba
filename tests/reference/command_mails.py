# -*- coding: utf-8 -*-
"""Python 2. Mails to the addresses of a list that take commands, as text."""
import base64
import quopri

from Mailman import mm_cfg

from command_lists import NEWCOMERS, PASSWORDS
from messages import CHARSETS, ENCODED, entity, fold, params

BAD_ADDRESSES = ['foo', 'a b@c.de', 'a@b', 'a@b..c', 'a@-b.de', '<a@b.de>', 'a@b.de,c@d.de', 'a@b.d_e.f', '"q"@x.de', 'a\xfc@x.de', 'a@x\xfc.de', '@x.de',
                 'a@', 'a@x.de.', 'a;b@x.de', 'a%db@x.de', 'a@b.de\\', '../../etc@x.de', '-a@x.de', 'a|b@x.de', 'a@x.123', "a'b@x.de", 'a@[1.2.3.4]', 'a/b@x.de', 'anna at example.org', 'anna(at)example.org',
                 'a@@x.de', 'a@b@x.de', 'a*@x.de', 'a$b@x.de', 'a?@x.de', '=?utf-8?q?a?=@x.de']
KNOWN_PASSWORDS = PASSWORDS[:6] + ['memberpw', 'rose', 'adminpw', 'modpw', 'sitepw', 'wrong', 'x']
JUNK = ['hello', '> help', 'bogus x y', '-- ', 'Hi there,', 'echo:', 'help.', 'help..', 'a.b', '.', '..', '\xfchelp', 'please help', '> subscribe', 'set:',
        'Re: help', 'Re:help', 'Re:help:who', ':help', '::', '* who', 'help-', 'cmd_help', '__init__', '/etc/passwd', 'help/', 'help.x', 'end.', 'x' * 300, 'who?', '\x00',
        'help\x00x', '\tinfo', '   info', 'info\x0b', '\xa0info', 'INFO\xa0', 'who\x1cinfo', 'info\x85who', 'confirm', '../cmd_help', 'help\xc2\xa0']
ECHOES = ['echo', 'echo a  b\tc', 'echo %s %(listname)s', 'echo \xfc\xe4', 'echo \xc3\xbc', 'end now', 'stop it', 'info x', 'lists y', 'help z', 'INFO', 'ECHO Hi', 'echo ' + 'w' * 400]
NAMES = ['%s', '%s', '%s', 'Some One <%s>', '"One, Some" <%s>', '%s (Comment Name)', '=?iso-8859-1?q?Gr=FCn_Baum?= <%s>', '=?utf-8?b?5LqM5LqM?= <%s>', 'Gr\xfcn <%s>',
         '=?utf-8?q?B=C3=A4r?= <%s>', '=?x-unknown?q?B=C3=A4r?= <%s>', '=?utf-8?b?5L?= <%s>', '<%s>', 'A <%s>, B <b@x.de>', '"A %% %%(x)s" <%s>', 'a\n b <%s>', 'group: %s;', '<%s',
         "'%s'", '=?utf-8?q?a?= =?iso-8859-1?q?=FC?= <%s>', '"=?utf-8?q?a=C3=BC?=" <%s>', '=?utf-8?q?a=0Ab?= <%s>']


# An old version finds no password in what is encoded or moved to the right, so that a held post is thrown away. Ours does.
IS_OLD = mm_cfg.VERSION < '2.1.15'


class Writer:
    """Writes mails for one list from what it has: addresses and cookies."""

    def __init__(self, r, mlist, cookies):
        self.r = r
        self.mlist = mlist
        self.cookies = cookies + ['0' * 40, 'abc', '../../etc/passwd', '%s', '\xfc', '\x00', '']
        self.members = [mlist.getMemberCPAddress(member) for member in mlist.getMembers()]
        # Of an umbrella list it raises on some that it takes.
        self.bad_addresses = [address for address in BAD_ADDRESSES if not (IS_OLD and mlist.umbrella_list and address.count('@') > 1)]

    def maybe(self, chance):
        return self.r.random() < chance

    def address(self):
        r = self.r
        chance = r.random()
        if self.members and chance < 0.55:
            member = r.choice(self.members)
            return r.choice([member, member, member.upper(), member.lower()])
        return r.choice(NEWCOMERS if chance < 0.85 else self.bad_addresses)

    def password(self):
        return self.r.choice(KNOWN_PASSWORDS)

    def cookie(self):
        cookie = self.r.choice(self.cookies)
        return self.r.choice([cookie] * 8 + [cookie + 'x', cookie.upper()])

    def switch(self):
        return self.r.choice(['on', 'off', 'on', 'off', 'ON', 'Off', 'yes', 'no', '1', '', 'on off', 'mime', 'plain'])

    def other(self):
        return self.r.choice(['address=', 'address=', 'address=', 'Address=']) + self.r.choice([self.address(), self.address(), self.address(), ''])

    def command(self):
        """One command line, right or wrong."""
        r = self.r
        kind = r.choice(['subscribe', 'subscribe', 'join', 'leave', 'unsubscribe', 'remove', 'who', 'set', 'set', 'set', 'password', 'password', 'help', 'info', 'lists', 'end', 'stop',
                         'confirm', 'confirm', 'junk', 'echo'])
        if kind == 'junk':
            return r.choice(JUNK)
        if kind == 'echo':
            return r.choice(ECHOES)
        words = [kind] + getattr(self, 'words_of_' + kind, self.words_of_others)()
        text = r.choice([' ', ' ', ' ', '  ', '\t']).join(words)
        return r.choice([text] * 12 + [text.upper(), text.capitalize(), '  ' + text, text + '  '])

    def words_of_subscribe(self):
        password, other = self.password(), self.other()
        return self.r.choice([[], [], ['digest'], ['nodigest'], [password], [password, 'digest'], [password, 'nodigest'], [other], ['digest', other], [password, 'digest', other],
                              [other, password], [password, other], [password, 'Digest'], ['a', 'b', 'c', 'd'], ['nodigest', 'x'], [other, 'digest'],
                              [password, 'digest', other, other], ['digest', 'digest'], [password, 'digest', other, 'x']])

    words_of_join = words_of_subscribe

    def words_of_unsubscribe(self):
        password, other = self.password(), self.other()
        return self.r.choice([[], [], [password], [password, other], [other], [other, password], ['a', 'b', 'c'], [password, other, 'x']])

    words_of_leave = words_of_remove = words_of_unsubscribe

    def words_of_who(self):
        password, other = self.password(), self.other()
        return self.r.choice([[], [], [password], ['adminpw'], ['modpw'], ['sitepw'], [password, other], ['adminpw', other], ['modpw', other], [other], ['a', 'b', 'c']])

    def words_of_set(self):
        r, password, other = self.r, self.password(), self.other()
        kind = r.choice(['show', 'authenticate', 'digest', 'option', 'option', 'odd'])
        if kind == 'show':
            return ['show'] + r.choice([[], [], [other], ['x'], [other, 'y']])
        if kind == 'authenticate':
            return ['authenticate'] + r.choice([[], [password], [password], ['rose'], ['adminpw'], [password, other], [password, other], ['adminpw', other], ['sitepw', other], [other, password], ['a', 'b', 'c']])
        if kind == 'digest':
            return ['digest', r.choice(['on', 'off', 'mime', 'plain', 'Plain', 'MIME', 'OFF', 'bogus', '', 'plain x'])]
        if kind == 'odd':
            return r.choice([['help'], [], ['bogus'], ['ACK', 'on'], ['help', 'x'], ['topics', 'on'], ['usage'], ['__init__'], ['\xfc']])
        return [r.choice(['ack', 'delivery', 'myposts', 'hide', 'duplicates', 'reminders']), self.switch()]

    def words_of_password(self):
        password, other = self.password(), self.other()
        return self.r.choice([[], [other], [password, 'newpw'], [password, 'newpw'], ['rose', 'r2'], ['memberpw', 'n2', other], [password, 'newpw', other], ['a'], ['a', 'b', 'c'],
                              [other, 'x'], [other, 'a', 'b'], ['a', other], ['memberpw', 'p\xfc'], ['adminpw', 'n3', other]])

    def words_of_confirm(self):
        return self.r.choice([[], ['a', 'b'], [self.cookie()], [self.cookie()], [self.cookie()], [self.cookie()]])

    def words_of_others(self):
        return self.r.choice([[], [], [], ['x']])

    def subject(self):
        r = self.r
        chance = r.random()
        if chance < 0.2:
            return ''
        if chance < 0.6:
            lead = r.choice(['', '', '', 'Re: ', 'RE:', 'Re: Re: ', 'AW: ', 'Fwd: Re: ', '[list] ', 'a b ', 'x ', 'Re:x:', 'R\xe9: ', '\xfc:', '=?utf-8?q?R=C3=A9=3A?= '])
            return lead + self.command().replace('\x00', '')
        if chance < 0.7:
            return r.choice(['hello', 'hello there all', 'Re: hello', '?', 'help me please'])
        if chance < 0.8:
            return '=?utf-8?b?%s?=' % base64.b64encode(self.command())
        return r.choice(ENCODED + ['=?utf-8?q?R=C3=A9=3A_help?=', '=?utf-8?q?echo?= =?utf-8?q?_x?=', '=?utf-8?q?echo?= plain', '=?iso-2022-jp?b?GyRCJSglMyE8GyhC?= info', '=?bogus?q?info?=',
                                   'info\n lists', '=?utf-8?q?info=0Alists?=', '\xe9: info', '=?us-ascii?q?info=FC?=', '=?utf-8?b?a?=', '=?utf-16?b?AGkAbgBmAG8=?=', '=?utf-7?q?info?='])

    def body(self):
        r = self.r
        count = r.choice([0, 1, 1, 2, 3, 4, 5, 8]) if self.maybe(0.95) else 30
        lines = [self.command() for _ in range(count)]
        if self.maybe(0.2):
            # Options are seldom set without a password that fits.
            lines = ['set authenticate %s' % self.password()] + ['set ' + ' '.join(self.words_of_set()) for _ in range(4)] + ['set show']
        if self.maybe(0.1):
            lines.insert(0, r.choice(['Approved: adminpw', 'approved:modpw', 'Approve: adminpw', 'X-Approved: adminpw', 'Approved: wrong', 'Approved: sitepw', IS_OLD and 'x' or ' Approved: adminpw']))
        return r.choice(['\n', '\n', '\n', '\n', '\r\n', '\r']).join(lines) + r.choice(['\n', '\n', ''])

    def sender(self):
        return self.r.choice(NAMES) % self.address()

    def headers(self, number, to):
        r = self.r
        subject = self.subject()
        headers = [('To', to), ('Subject', fold(r, subject) if self.maybe(0.1) else subject)]
        if self.maybe(0.97):
            headers.insert(0, ('From', self.sender()))
        if self.maybe(0.97):
            headers.append(('Message-ID', '<command.%d@example.com>' % number))
        own = self.mlist.GetListEmail()
        pool = [('Reply-To', self.address()), ('Sender', self.address()), ('Precedence', r.choice(['bulk', 'list', 'junk', 'Bulk', 'first-class'])), ('X-Ack', r.choice(['yes', 'no', 'Yes'])),
                ('Auto-Submitted', 'auto-replied'), ('X-BeenThere', own), ('Content-Disposition', 'attachment; filename=x.txt'), ('Approved', self.password()), ('Approve', 'adminpw'),
                ('X-Approved', 'modpw'), ('X-No-Archive', 'yes'), ('Date', 'Tue, 10 Mar 2026 09:15:07 -0800'), ('To', 'second@example.com'), ('From', 'second@example.com'),
                ('Received', 'from mail.example.org ([10.1.2.3])\n\tby mx; now'), ('X-8bit', 'gr\xfcn'), ('Resent-From', self.address()), ('Return-Path', '<x@y.z>')]
        return headers + r.sample(pool, r.choice([0, 0, 0, 1, 2]))

    def content(self):
        """Headers about the content, and the content."""
        r = self.r
        chance = r.random()
        body = self.body()
        if chance < 0.55:
            return [], body
        if chance < 0.6:
            return entity(r, 0)
        headers, text = self.leaf(body)
        if chance < 0.78:
            return headers, text
        part = lines_of(headers) + '\n' + text
        html = 'Content-Type: text/html; charset=utf-8\n\n<p>info</p>\n'
        binary = 'Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\nAAAA\n'
        inner = 'Content-Type: message/rfc822\n\nSubject: echo inner\n\n' + body
        nested = 'Content-Type: multipart/alternative; boundary=ii\n\n--ii\n%s\n--ii\n%s\n--ii--\n' % (part, html)
        parts = r.choice([[part], [part, html], [html, part], [html], [part, part], [binary, part], [inner], [nested], ['\n' + text], []])
        kind = r.choice(['mixed', 'alternative', 'signed; micalg=pgp-sha1; protocol="application/pgp-signature"', 'report', 'related'])
        text = ''.join(['--bb\n%s\n' % one.rstrip('\n') for one in parts]) + r.choice(['--bb--\n'] * 5 + [''])
        return [('Content-Type', 'multipart/%s; boundary="bb"' % kind)], text

    def leaf(self, body):
        r = self.r
        kind = r.choice(['text/plain; charset=%s' % r.choice(CHARSETS)] * 4 + [params(r, 'text/plain'), 'text/html', 'TEXT/PLAIN', 'text/plain; format=flowed; delsp=yes'])
        encoding = r.choice(['', '', '8bit', '7bit', 'quoted-printable', 'base64', 'x-uuencode', 'binary', 'QUOTED-PRINTABLE', 'bogus'])
        if self.maybe(0.4):
            body = body.decode('latin-1').encode(r.choice(['utf-8', 'utf-8', 'utf-16', 'cp437', 'utf-7']), 'replace')
        if IS_OLD and 'approve' in body.lower():
            encoding = ''
        if encoding.lower() == 'quoted-printable':
            body = quopri.encodestring(body)
        elif encoding == 'base64':
            body = base64.encodestring(body)
        return [('Content-Type', kind)] + ([('Content-Transfer-Encoding', encoding)] if encoding else []), body

    def to(self, kind):
        own = '%s-%s@lists.example.com' % (self.mlist.internal_name(), kind)
        if kind == 'confirm':
            forms = ['%s+%s@lists.example.com', '"x" <%s+%s@lists.example.com>', 'other@x.de, %s+%s@lists.example.com', '%s+%s', '%s@lists.example.com (%s)', '"a\n b" <%s+%s@x>', 'a' * 400 + '+x@y.z, <%s+%s@x>', 'Very Long Name ' * 8 + '<%s+%s@lists.example.com>']
            return self.r.choice(forms) % (own.split('@')[0], self.cookie().replace('\x00', ''))
        return self.r.choice([own, own, own, 'x@y.z, ' + own, ''])

    def mail(self, number):
        """The text of a mail, and the metadata key that says where it came in."""
        kind = self.r.choice(['request'] * 10 + ['join', 'leave', 'confirm', 'confirm'])
        headers = self.headers(number, self.to(kind))
        about, body = self.content()
        if about and self.maybe(0.9):
            headers.append(('MIME-Version', '1.0'))
        text = lines_of(headers + about) + '\n' + body
        if self.maybe(0.3):
            text = 'From %s  Sun Mar  1 09:15:00 2026\n' % self.r.choice([self.address().replace(' ', ''), 'x']) + text
        return text, 'to' + kind

    def quoted(self, cookie):
        """What a mail program makes of the question."""
        r = self.r
        lead = r.choice(['On Tue, you wrote:\n', '', '\n\n', 'yes, please\n', 'Subject: confirm %s\n' % cookie])
        lines = ['Mailing list subscription confirmation notice', '', '    http://lists.example.com/mailman/confirm/other/' + cookie, '    confirm ' + cookie, '-- ', 'confirm ' + cookie]
        return lead + ''.join([r.choice(['> ', '> ', '>', '| ', '']) + line + '\n' for line in lines])

    def answer(self, number, cookie):
        """A mail that confirms something."""
        r = self.r
        self.cookies = [cookie]
        form = r.choice(['subject', 'body', 'address', 'any'])
        if form == 'any':
            return self.mail(number)
        to = self.to('confirm' if form == 'address' else 'request')
        headers = [('From', self.sender()), ('To', to), ('Message-ID', '<answer.%d@example.com>' % number)]
        if form == 'subject':
            headers.append(('Subject', r.choice(['confirm %s', 'Re: confirm %s', 'RE:confirm %s', 'AW: CONFIRM %s']) % cookie))
        if self.maybe(0.2):
            headers.append(('Approved', r.choice(['adminpw', 'modpw', 'sitepw', 'wrong'])))
        if self.maybe(0.15):
            return lines_of(headers + [('In-Reply-To', '<x@y>')]) + '\n' + self.quoted(cookie), 'torequest'
        body = r.choice(['', '', 'Approved: adminpw\n', 'approve: modpw\n', 'Approved: bad\n', 'who\n']) + r.choice(['', '> ', '  ', '']) + 'confirm ' + cookie + r.choice(['', '.', ' x', '\nend\n', '\nfoo\n'])
        return lines_of(headers) + '\n' + body, 'toconfirm' if form == 'address' else 'torequest'


def lines_of(headers):
    return ''.join(['%s: %s\n' % pair for pair in headers])
