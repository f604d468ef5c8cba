# -*- coding: utf-8 -*-
"""Python 2. Lists as commands by mail meet them: policies, bans, languages, members with passwords, and requests of
every kind that wait for an answer, made through Mailman's own classes."""
import crypt
import os
from md5 import new as md5
from sha import new as sha

import lists
from lists import sample

PASSWORDS = ['rose', 'memberpw', 'p w', 'pc%d', 'p\xfc', 'geheim', '\xa4\xb3', '']
NEWCOMERS = ['new1@example.net', 'NEW2@Example.NET', 'new3@sub.example.org', 'nina@example.net', 'otto@b.example.com', 'x+y@example.org',
             'evil@spam.test', 'bad.guy@evil.example', 'auto@good.example', 'Auto@GOOD.example', "o'neil@example.org", 'pc%d@example.org']
BANS = ['evil@spam.test', '^.*@evil\\.example', '^[', 'EVIL@spam.test', '^NEW1', '@other', '@missing', '^(?i)auto@', 'nina@example.net', '', '^']
PATTERNS = ['^auto@', 'auto@good.example', '@other', '^.*', 'new3@sub.example.org', '@', '^(']
LETTERS = ['', 'Welcome! %s %(x)s\nBe nice.\n', 'Willkommen \\o/', 'Gr\xfc\xdfe\n', 'Bye %(listname)s\n\n  x\n', '\xa4\xb3\xa4\xec euc\n', '   ', 'Pay 100%\n',
           '    indented\ntext that is really quite long and needs wrapping because it is over seventy columns\n\npara\n']
# Templates that people see, and ways to write them: each in the list's folder, its language's or the site's.
TEMPLATES = ['verify.txt', 'unsub.txt', 'subscribeack.txt', 'help.txt', 'subauth.txt', 'unsubauth.txt', 'adminsubscribeack.txt', 'adminunsubscribeack.txt', 'nomoretoday.txt', 'refuse.txt',
             'adminaddrchgack.txt']
OWN_TEMPLATES = ['Own: %(listname)s %(email)s %(cookie)s %(requestaddr)s\n', 'Gr\xfc\xdfe %(real_name)s\n\n  kept\n' + 'long words ' * 12 + '\n', '%(nosuch)s %(remote)s\n', '', '\n\n', '\xe3\x81\x82 %(member)s %(user)s\n',
                 'x %(commands)s', '   a\n b\n\n\nc\n']
# Broken formats in texts of these catalogues make 2.1.13 raise, which ours does not.
BROKEN = ['ar', 'ro']

OPTIONS = {
    'subscribe_policy': lambda r: r.choice([0, 1, 2, 3]),
    'unsubscribe_policy': lambda r: r.choice([0, 1]),
    'private_roster': lambda r: r.choice([0, 1, 2]),
    'advertised': lambda r: r.choice([0, 1]),
    'send_welcome_msg': lambda r: r.choice([0, 1]),
    'send_goodbye_msg': lambda r: r.choice([0, 1]),
    'welcome_msg': lambda r: r.choice(LETTERS),
    'goodbye_msg': lambda r: r.choice(LETTERS),
    'admin_immed_notify': lambda r: r.choice([0, 1]),
    'admin_notify_mchanges': lambda r: r.choice([0, 1]),
    'umbrella_list': lambda r: r.choice([0, 1, 1]),
    'umbrella_member_suffix': lambda r: r.choice(['-owner', '-admin', '', '-x y']),
    'ban_list': lambda r: sample(r, BANS),
    'subscribe_auto_approval': lambda r: sample(r, PATTERNS),
    'digestable': lambda r: r.choice([0, 1]),
    'nondigestable': lambda r: r.choice([0, 1]),
    'digest_is_default': lambda r: r.choice([0, 1]),
    'mime_is_default_digest': lambda r: r.choice([0, 1]),
    'autorespond_requests': lambda r: r.choice([0, 1, 2]),
    'autoresponse_request_text': lambda r: r.choice(lists.TEXTS),
    'autoresponse_graceperiod': lambda r: r.choice([0, 1, 90]),
    'description': lambda r: r.choice(lists.DESCRIPTIONS + ['A %s %(x)s list']),
    'info': lambda r: r.choice(lists.TEXTS),
    'subject_prefix': lambda r: r.choice(lists.PREFIXES),
    'obscure_addresses': lambda r: r.choice([0, 1]),
    'send_reminders': lambda r: r.choice([0, 1]),
    'host_name': lambda r: r.choice(['lists.example.com', 'other.example.com']),
    'max_days_to_hold': lambda r: r.choice([0, 3]),
    'new_member_options': lambda r: r.choice([0, 256, 2 | 8, 16, 1 | 64]),
    'default_member_moderation': lambda r: r.choice([0, 1]),
    'moderator': lambda r: r.choice([[], ['mod@example.com', 'Mod2@example.org']]),
    'owner': lambda r: r.choice([['own@example.com'], ['o1@example.com', 'O2@example.org'], []]),
    'web_page_url': lambda r: r.choice(['http://lists.example.com/mailman/', 'https://very.long.host.name.example.com/some/where/mailman/']),
    'respond_to_post_requests': lambda r: r.choice([0, 1]),
    'bounce_unrecognized_goes_to_list_owner': lambda r: r.choice([0, 1]),
    'topics': lambda r: r.choice(lists.TOPIC_TABLES),
    'topics_enabled': lambda r: r.choice([0, 1]),
    'drop_cc': lambda r: r.choice([0, 1]),
}


def settings(r):
    """Lines for mm_cfg.py."""
    def maybe(*lines):
        return [r.choice(lines)] if r.random() < 0.25 else []
    out = []
    out += maybe('VERP_CONFIRMATIONS = Yes')
    out += maybe('REFUSE_SECOND_PENDING = Yes')
    out += maybe('DISCARD_MESSAGE_WITH_NO_COMMAND = No')
    out += maybe('RESPONSE_INCLUDE_LEVEL = 0', 'RESPONSE_INCLUDE_LEVEL = 1', 'RESPONSE_INCLUDE_LEVEL = 3')
    out += maybe('MAX_AUTORESPONSES_PER_DAY = 0', 'MAX_AUTORESPONSES_PER_DAY = 1', 'MAX_AUTORESPONSES_PER_DAY = 3')
    out += maybe('DEFAULT_MAIL_COMMANDS_MAX_LINES = 0', 'DEFAULT_MAIL_COMMANDS_MAX_LINES = 1', 'DEFAULT_MAIL_COMMANDS_MAX_LINES = 3')
    out += maybe("GLOBAL_BAN_LIST = ['^.*@evil\\\\.example$']", "GLOBAL_BAN_LIST = ['Evil@SPAM.test', '^new1']", "GLOBAL_BAN_LIST = ['^[', '@other']")
    out += maybe('VIRTUAL_HOST_OVERVIEW = Off')
    out += maybe('PENDING_REQUEST_LIFE = days(1)', 'PENDING_REQUEST_LIFE = hours(30)', 'PENDING_REQUEST_LIFE = 86400 * 2.5', 'PENDING_REQUEST_LIFE = 0')
    out += maybe("DEFAULT_SERVER_LANGUAGE = 'de'", "DEFAULT_SERVER_LANGUAGE = 'ja'", "DEFAULT_SERVER_LANGUAGE = 'ru'")
    out += maybe('USE_ENVELOPE_SENDER = Yes')
    out += maybe("SENDER_HEADERS = ('from',)", "SENDER_HEADERS = (None, 'sender', 'from')")
    out += maybe("add_language('de', 'German', 'utf-8', 'ltr')", "add_language('en', 'English', 'utf-8')", "add_language('ja', 'Japanese', 'utf-8')\nadd_language('fr', 'French', 'iso-8859-15')")
    out += maybe("OPTINFO = {'hide': 16, 'nomail': 1}")
    return out


def make(r, number):
    """A list with what waits at it. Returns its name, and the cookies of what waits."""
    from Mailman import MailList, mm_cfg
    name = 'other' if number == 0 else r.choice(['l%d', 'x-list%d', 'a.b%d', 'robot%d']) % number
    mlist, _ = lists.create(r, name)
    languages = sorted(set(mm_cfg.LC_DESCRIPTIONS) - set(BROKEN))
    mlist.preferred_language = r.choice(languages + ['en'] * 5)
    mlist.available_languages = list(set([mlist.preferred_language, 'en', r.choice(languages), r.choice(languages)]))
    lists.change_options(r, mlist, OPTIONS)
    add_members(r, mlist)
    write_templates(r, mlist)
    answer_before(r, mlist)
    mlist.password = r.choice([mlist.password] * 8 + [md5('adminpw').digest(), crypt.crypt('adminpw', 'ab')])
    mlist.Save()
    mlist.Unlock()
    # A list that was just made does not know the path of its requests.
    mlist = MailList.MailList(name)
    cookies = wait(r, mlist)
    mlist.Save()
    mlist.Unlock()
    return name, cookies


def add_members(r, mlist):
    lists.add_members(r, mlist, r.choice(mlist.available_languages))
    for address in ['anna@example.org', 'Ben@Example.net', "o'x%d@example.org", 'nina@example.net', 'dig+x@example.org']:
        if r.random() < 0.5:
            mlist.addNewMember(address, realname=r.choice(lists.NAMES + ['O %(x)s']), digest=int(r.random() < 0.3), password='x',
                               language=r.choice(mlist.available_languages))
    for address in mlist.getMembers():
        mlist.setMemberPassword(address, r.choice(PASSWORDS))


def write_templates(r, mlist):
    for name in TEMPLATES:
        if r.random() < 0.06:
            folder = os.path.join(mlist.fullpath(), r.choice(mlist.available_languages))
            if not os.path.isdir(folder):
                os.mkdir(folder)
            with open(os.path.join(folder, name), 'w') as file:
                file.write(r.choice(OWN_TEMPLATES))


def answer_before(r, mlist):
    """Some have had answers today already."""
    for address in sample(r, mlist.getMemberCPAddresses(mlist.getMembers()) + NEWCOMERS):
        day = r.choice([(2026, 3, 10), (2026, 3, 10), (2026, 3, 9)])
        mlist.hold_and_cmd_autoresponses[address] = (day, r.choice([1, 2, 9, 10, 11, -1]))


def wait(r, mlist):
    """Requests of every kind, as web pages and posts leave them."""
    from Mailman import Pending
    cookies = []
    for op, content in waiting(r, mlist):
        lifetime = r.choice([86400, 86400 * 3, 86400 * 3, 3000, -5])
        cookies.append(mlist.pend_new(op, lifetime=lifetime, *content))
    if r.random() < 0.5:
        cookies.append(mlist.pend_new(Pending.HELD_MESSAGE, r.choice([1, 99])))
    for number in range(r.randint(0, 2)):
        cookies.append(mlist.pend_new(Pending.HELD_MESSAGE, hold(r, mlist, number)))
    return cookies


def waiting(r, mlist):
    from Mailman import Pending
    person = r.choice(mlist.getMembers() or ['nobody@example.com'])
    yield Pending.SUBSCRIPTION, [user(r, mlist, r.choice(NEWCOMERS))]
    yield Pending.SUBSCRIPTION, [user(r, mlist, person)]
    for invitation in (mlist.internal_name(), 'other', 'nolist'):
        invited = user(r, mlist, r.choice(NEWCOMERS))
        invited.invitation = invitation
        yield Pending.SUBSCRIPTION, [invited]
    yield Pending.UNSUBSCRIPTION, [person]
    yield Pending.UNSUBSCRIPTION, [r.choice(NEWCOMERS)]
    yield Pending.CHANGE_OF_ADDRESS, [person, r.choice(NEWCOMERS + [person.upper()]), r.choice([0, 1])]
    yield Pending.RE_ENABLE, [mlist.internal_name(), person]
    yield Pending.PROBE_BOUNCE, [person, None]


def user(r, mlist, address):
    from Mailman.UserDesc import UserDesc
    return UserDesc(address, r.choice(lists.NAMES), r.choice(PASSWORDS[:4]), r.choice([0, 1]), r.choice(mlist.available_languages))


def hold(r, mlist, number):
    """A post that waits; its number."""
    import email
    from Mailman import Message
    text = 'From: %s\nSubject: %s\nMessage-ID: <held.%d.%s>\n\nBody\n' % (r.choice(NEWCOMERS), r.choice(['One', 'Gr\xfcn', '=?utf-8?b?w6TDtsO8?=']), number, mlist.internal_name())
    before = set(mlist.GetHeldMessageIds())
    mlist.HoldMessage(email.message_from_string(text, Message.Message), 'reason', {'received_time': 1773130000.0, 'pipeline': []})
    return (set(mlist.GetHeldMessageIds()) - before).pop()


def add_site_password(site):
    with open(os.path.join(site, 'data', 'adm.pw'), 'w') as file:
        file.write(sha('sitepw').hexdigest() + '\n')
