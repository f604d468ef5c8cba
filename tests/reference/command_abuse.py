# -*- coding: utf-8 -*-
"""Python 2. Mails with commands that want to break something: addresses with anything in them, cookies that are paths,
the list's own answers coming back, headers and bodies without end (as far as a comparison bears them)."""
import command_mails
from command_mails import lines_of

ADDRESSES = ['a\nb@c.de', 'a\rb@c.de', 'a"b@c.de', '"a b"@c.de', '"a\\"b"@c.de', 'a%%b@c.de', 'a%(x)d@c.de', 'a%b@c.de', '%@c.de', 'a\x00b@c.de', 'a@c\x00.de', '\xfc@c.de', 'a@\xfc.de',
             '\xc3\xbc@c.de', 'a@xn--bcher-kva.de', 'a@b.c\x7f', 'a\x1b@b.cd', "a'b@c.de", 'a`id`@c.de', 'a$(id)@c.de', 'a@c.de;x', 'a@c.de|x', 'a&b@c.de', 'a=b@c.de', 'a+b=c.de@d.de', 'a@[IPv6::1]',
             'a@1.2.3.4', 'a@c..de', 'a@.c.de', 'a@c.de..', '../a@c.de', 'a/../b@c.de', 'a@../b.de', 'a@c/d.de', 'a@-', 'a@-.de', 'a@c-.de', 'a@_c.de', 'a@c.d', 'a@c.' + 'd' * 70, 'x' * 300 + '@c.de',
             'a@' + 'c.' * 200 + 'de', '@', 'a', 'a@', '@c.de', 'a@c.de@', 'a @c.de', 'a@ c.de', 'A <a@c.de>', 'a@c.de (x)', 'a,b@c.de', 'a:b@c.de', 'a\\b@c.de', 'a!b@c.de', 'a!b', 'a~b@c.de', 'a^b@c.de',
             'a#b@c.de', 'a*@c.de', 'a{b}@c.de', 'a[0]@c.de', '(a)@c.de', 'anna at example.org', 'anna(at)example.org', 'anna@example.org\x0b', '=?utf-8?q?a=40c.de?=', 'a@=?utf-8?q?c.de?=', 'mailto:a@c.de',
             'http://a@c.de/', 'a@localhost', 'a@x.y-', 'a@\tx.y', 'root', '--help@c.de', '.a@c.de', 'a.@c.de', 'a..b@c.de', '\xa0a@c.de', 'a@c.de\xa0', 'a\xe2\x80\xa8b@c.de', '\x1ca@c.de', 'a\x85b@c.de', '<>',
             'MAILER-DAEMON@lists.example.com', 'postmaster', 'mailman@lists.example.com', 'a@b.c, d@e.f', '<@r.de:a@c.de>', 'a(\xfc)@c.de', '"%s" <a@c.de>', '"' + 'y' * 2000 + '" <a@c.de>']
COOKIES = ['../../etc/passwd', '/etc/passwd', '..', '.', '', '%s', '%(x)s', '%', '\x00', '\x00' * 40, '0' * 40, '0' * 39, '0' * 41, '0' * 40 + '.', 'A' * 40, 'g' * 40, '\xfc' * 40, 'x' * 1000, 'x' * 9000, '`id`', '$(id)',
           '|cat', '-rf', '--help', 'http://lists.example.com/mailman/confirm/other/' + '0' * 40, '"' + '0' * 40 + '"', '<' + '0' * 40 + '>', '0' * 20 + ' ' + '0' * 20, 'None', '()', '(S', 'cos\nsystem', 'request.pck',
           '0' * 40 + '\n', '0x' + '0' * 38, '=?utf-8?q?' + '0' * 40 + '?=']
OWN = ['', '-request', '-owner', '-bounces', '-confirm', '-join', '-leave', '-admin']
LONG = [('X-Long', 'a\n ' * 900), ('X-Line', 'b' * 20000), ('Subject', 'info ' * 900), ('To', 'x@y.z, ' * 900), ('From', 'a@b.c, ' * 900), ('From', '(' * 60 + 'a@b.c'), ('References', '<a@b>\n ' * 500)]
RESULTS = """Content-Type: multipart/mixed; boundary="===============1234567890123456789=="
MIME-Version: 1.0
Subject: %(subject)s
From: %(own)s-owner@lists.example.com
To: %(to)s
Message-ID: <mailman.%(number)d.1772442000.1.%(own)s@lists.example.com>
Date: Mon, 02 Mar 2026 09:00:00 +0000
%(precedence)sX-BeenThere: %(own)s@lists.example.com
X-Mailman-Version: 2.1.39
List-Id: A list <%(own)s.lists.example.com>
X-List-Administrivia: yes
Sender: %(own)s-bounces@lists.example.com
Errors-To: %(own)s-bounces@lists.example.com

--===============1234567890123456789==
Content-Type: text/plain; charset="us-ascii"
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit

The results are below.

- Results:
    %(line)s

- Done.

--===============1234567890123456789==
Content-Type: message/rfc822
MIME-Version: 1.0

From: %(to)s
Subject: help

who

--===============1234567890123456789==--
"""
PRECEDENCES = ['Precedence: bulk\n', 'Precedence: BULK\n', 'Precedence:  list \n', 'Precedence: first\nPrecedence: bulk\n', 'X-Ack: yes\nPrecedence: bulk\n', 'X-Ack: YES\nPrecedence: junk\n', '', '', '',
               'X-Ack: no\nX-Ack: yes\nPrecedence: list\n', 'Auto-Submitted: auto-replied\n']


class Writer(command_mails.Writer):
    """Mails of the usual forms with worse words in them, and some of other forms."""

    def address(self):
        chance = self.r.random()
        if chance < 0.3:
            return command_mails.Writer.address(self)
        if chance < 0.4:
            return self.mlist.internal_name() + self.r.choice(OWN) + '@lists.example.com'
        address = self.r.choice(ADDRESSES)
        return command_mails.IS_OLD and self.mlist.umbrella_list and address.count('@') > 1 and 'a' or address

    def cookie(self):
        if self.maybe(0.5):
            return command_mails.Writer.cookie(self)
        return self.r.choice(COOKIES)

    def sender(self):
        return command_mails.Writer.sender(self).replace('\n', '\n ')

    def headers(self, number, to):
        headers = command_mails.Writer.headers(self, number, to.replace('\n', '\n '))
        headers = [(name, value.replace('\n', '\n ')) for name, value in headers]
        if self.maybe(0.05):
            headers.insert(0, self.r.choice(LONG))
        return headers

    def mail(self, number):
        chance = self.r.random()
        if chance < 0.1:
            return self.own_answer(number)
        if chance < 0.13:
            return self.r.choice(['', '\n', '\n\n', '\n\nhelp\n', 'help\n', 'From x\nhelp\n', ':\n\nhelp\n', 'Subject: help', '\x00\n\nhelp\n', ' help\n\ninfo\n', 'To: x\r\n\r\nhelp\r\n']), self.kind()
        return command_mails.Writer.mail(self, number)

    def kind(self):
        return 'to' + self.r.choice(['request', 'request', 'join', 'leave', 'confirm'])

    def own_answer(self, number):
        """Our answer, as a robot sends it back."""
        own = self.mlist.internal_name()
        to = self.r.choice([self.address(), '%s-confirm+%s@lists.example.com' % (own, self.cookie())]).replace('\n', '\n ')
        values = {'own': own, 'to': to, 'number': number, 'precedence': self.r.choice(PRECEDENCES), 'line': self.command(),
                  'subject': self.r.choice(['The results of your email commands', 'Re: The results', 'confirm ' + self.cookie(), 'Welcome to the list', 'help help']).replace('\n', '\n ')}
        return self.r.choice(['', 'From %s-bounces@lists.example.com  Sun Mar  1 09:15:00 2026\n' % own]) + RESULTS % values, self.kind()

    def answer(self, number, cookie):
        text, kind = command_mails.Writer.answer(self, number, cookie)
        if self.maybe(0.2):
            text = lines_of([self.r.choice(LONG)]) + text
        return text, kind
