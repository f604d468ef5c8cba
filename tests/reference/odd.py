# -*- coding: utf-8 -*-
"""Python 2. What the other modules never make: options of bounces and of delivery, texts above each post, settings of the
mail server and of digests, and messages that were changed on their way."""
import lists
import messages

# From this seed on lists, settings and messages get something from here.
FIRST = 1000

OPTIONS = {
    'msg_header': lambda r: r.choice(lists.TEXTS + ['%(user_name)s <%(user_address)s>\n', '%(user_delivered_to)s %(user_password)s\n', '%(user_optionsurl)s', '-- \ncut  \n']),
    'msg_footer': lambda r: r.choice(lists.TEXTS + ['_____\n%(real_name)s list\n%(user_optionsurl)s\n', '%(user_language)s %(cgiext)s %(info)s %(description)s', '-- \nsigned \n']),
    'personalize': lambda r: r.choice([0, 1, 1, 2]),
    'host_name': lambda r: r.choice(['lists.example.com', 'other.example.com', 'Lists.Example.COM']),
    'owner': lambda r: r.choice([[], ['own@example.com'], ['own@example.com', 'm1@example.com', 'own@example.com']]),
    'bounce_processing': lambda r: r.choice([0, 1]),
    'bounce_score_threshold': lambda r: r.choice([0.5, 1.0, 1, 2.5, 5.0]),
    'bounce_info_stale_after': lambda r: r.choice([0, 604800, 7 * 86400.0]),
    'bounce_you_are_disabled_warnings': lambda r: r.choice([0, 1, 3]),
    'bounce_notify_owner_on_disable': lambda r: r.choice([0, 1]),
    'bounce_notify_owner_on_removal': lambda r: r.choice([0, 1]),
    'bounce_notify_owner_on_bounce_increment': lambda r: r.choice([0, 1]),
    'member_verbosity_threshold': lambda r: r.choice([0, 1]),
    'member_verbosity_interval': lambda r: r.choice([0, 300, 1.5]),
    'generic_nonmember_action': lambda r: r.choice([0, 0, 0, 1, 3, 4]),
    'max_message_size': lambda r: r.choice([0, 40, 41]),
    'max_num_recipients': lambda r: r.choice([0, 10, 40]),
    'umbrella_list': lambda r: r.choice([0, 1]),
    'umbrella_member_suffix': lambda r: r.choice(['-owner', '']),
    'nntp_host': lambda r: r.choice(['news.example.com', 'news.example.com:8119']),
    'subject_prefix': lambda r: r.choice(lists.PREFIXES + ['[%d%%] ', '[%d %d] ', '[%x] ', '%', '[a] [b] ', 'Re: ', '[\xfc %d] ', '=?utf-8?q?p?= ']),
}


def settings(r):
    """Lines for mm_cfg.py."""
    def maybe(*lines):
        return [r.choice(lines)] if r.random() < 0.3 else []
    out = []
    out += maybe('SMTP_MAX_RCPTS = 1', 'SMTP_MAX_RCPTS = 2', 'SMTP_MAX_RCPTS = 5')
    out += maybe('SMTP_MAX_SESSIONS_PER_CONNECTION = 1', 'SMTP_MAX_SESSIONS_PER_CONNECTION = 2')
    out += maybe('VERP_PERSONALIZED_DELIVERIES = Yes', "VERP_FORMAT = '%(bounces)s-+%(mailbox)s==%(host)s'")
    out += maybe("RCPT_BASE64_HEADER_NAME = 'X-Rcpt'")
    out += maybe("SMTP_LOG_EVERY_MESSAGE = ('post', '%(sender)s %(subject)s %(#recips)d %(msg_x-custom)s %(listname)s')", 'SMTP_LOG_EVERY_MESSAGE = None')
    out += maybe("SMTP_LOG_SUCCESS = ('post', '%(msg_message-id)s ok %(#recips)d')", 'SMTP_LOG_SUCCESS = 0')
    out += maybe("SMTP_LOG_REFUSED = ('post', '%(#refused)d of %(#recips)d')", 'SMTP_LOG_REFUSED = None')
    out += maybe("SMTP_LOG_EACH_FAILURE = ('smtp-failure', '%(recipient)s %(failcode)d %(failmsg)s')", 'SMTP_LOG_EACH_FAILURE = None')
    out += maybe("MIME_DIGEST_KEEP_HEADERS = ['Subject', 'X-Custom', 'from', 'Content-Type']", 'MIME_DIGEST_KEEP_HEADERS = []')
    out += maybe("PLAIN_DIGEST_KEEP_HEADERS = ['Message', 'subject', 'X-Long', 'Received']")
    out += maybe('REGISTER_BOUNCES_EVERY = 1')
    out += maybe('VERBOSE_CLEAN_LIMIT = 3')
    out += maybe("DEFAULT_URL_PATTERN = 'https://%s/cgi-bin/mm/'", "CGIEXT = '.cgi'")
    out += maybe('VERP_PROBES = Yes')
    out += maybe("DEFAULT_SERVER_LANGUAGE = 'ja'")
    return out


def change_list(r, mlist):
    lists.change_options(r, mlist, OPTIONS)


def changed(r, text):
    """A message as some program on the way left it."""
    head, gap, body = text.partition('\n\n')
    kinds = [lambda: text, lambda: text, lambda: text, lambda: many_recipients(r, head) + gap + body, lambda: head + gap + long_body(r, body), lambda: shaken(r, text),
             lambda: twice(r, head) + gap + body, lambda: head.replace(': ', ':\n ', r.randint(1, 3)) + gap + body, lambda: head + '\n \n' + gap + body,
             lambda: text.replace('\n', '\r', r.randint(1, 4)), lambda: text[:r.randint(0, len(text))], lambda: eight_bit(r, head) + gap + body,
             lambda: text.replace('boundary=', r.choice(['BOUNDARY=', 'boundary = ', "boundary*0=b; boundary*1="])), lambda: head + gap + body + '\n' + text]
    return r.choice(kinds)()


def many_recipients(r, head):
    name = r.choice(['To', 'Cc', 'Resent-To', 'to'])
    return head + '\n%s: ' % name + r.choice([',\n\t', ', ', ' ,']).join([messages.mailbox(r) for _ in range(r.choice([9, 10, 39, 41]))])


def long_body(r, body):
    return body + r.choice(['x' * 1200 + '\n', 'word ' * 500 + '\n', ('y' * 70 + '\n') * 580, '.\n..\n.x\n', 'From me\n>From you\n', '\n' * 40])


def twice(r, head):
    lines = head.split('\n')
    at = r.randint(0, len(lines) - 1)
    return '\n'.join(lines[:at] + [lines[at]] + lines[at:])


def eight_bit(r, head):
    return head.replace('e', r.choice(['\xe9', '\xc3\xa9', '\x1b$B$"\x1b(B', '\xff', '\x85', '\x1c', '\x7f']), r.randint(1, 6))


def shaken(r, text):
    """A few bytes are others. No NUL: Python raises for a charset whose name holds one."""
    out = list(text)
    for _ in range(r.randint(1, 8)):
        if out:
            out[r.randint(0, len(out) - 1)] = r.choice(['', '\n', ' ', '\t', ':', ';', '=', '?', '"', '<', '@', ',', '(', '\\', '\x01', '\xe4', '-', '\r', '\n\n', '%'])
    return ''.join(out)
