"""Python 2. A site in a folder of its own that uses an installed Mailman's code: links to it, with the two files of
settings and `paths.py` written anew. Nothing of the installed tree is changed."""
import os

FOLDERS = ['lists', 'data', 'logs', 'locks', 'spam', 'qfiles', 'archives/private', 'archives/public', 'Mailman', 'bin',
           'scripts', 'cron', 'mail', 'cgi-bin', 'icons']
OWN = ['Defaults.py', 'mm_cfg.py']


def lay_out(site, prefix, settings):
    """Makes the folders, links and settings."""
    for name in FOLDERS:
        os.makedirs(os.path.join(site, name))
    for name in ('templates', 'messages', 'pythonlib'):
        os.symlink(os.path.join(prefix, name), os.path.join(site, name))
    source = os.path.join(prefix, 'Mailman')
    for name in os.listdir(source):
        if name.rstrip('co') not in OWN and name not in OWN:
            os.symlink(os.path.join(source, name), os.path.join(site, 'Mailman', name))
    for name in ('Mailman/Defaults.py', 'bin/paths.py'):
        text = open(os.path.join(prefix, name)).read()
        write(os.path.join(site, name), text.replace(prefix, site))
    write(os.path.join(site, 'Mailman', 'mm_cfg.py'), '\n'.join(['from Defaults import *'] + FIXED + settings) + '\n')


FIXED = [
    "DEFAULT_URL_HOST = 'lists.example.com'",
    "DEFAULT_EMAIL_HOST = 'lists.example.com'",
    'VIRTUAL_HOSTS.clear()',
    'add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)',
    'MTA = None',
    'QRUNNER_SLEEP_TIME = 0',
]


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def settings(r):
    """Lines for mm_cfg.py: what handlers read of the site's settings, a few of them changed."""
    def maybe(*lines):
        return [r.choice(lines)] if r.random() < 0.3 else []
    out = []
    out += maybe('OLD_STYLE_PREFIXING = No')
    out += maybe('REMOVE_DKIM_HEADERS = 1', 'REMOVE_DKIM_HEADERS = 2', 'REMOVE_DKIM_HEADERS = 3',
                 'REMOVE_DKIM_HEADERS = Yes')
    out += maybe('HOLD_MESSAGES_AS_PICKLES = No')
    out += maybe('USE_ENVELOPE_SENDER = Yes')
    out += maybe("SENDER_HEADERS = ('from',)", "SENDER_HEADERS = (None, 'sender', 'from')",
                 "SENDER_HEADERS = ('reply-to', 'from', 'x-sender')")
    out += maybe("KNOWN_SPAMMERS = [('subject', 'make.*fast'), ('x-spam', '^yes$')]")
    out += maybe("HTML_TO_PLAIN_TEXT_COMMAND = '/bin/cat %(filename)s'", "HTML_TO_PLAIN_TEXT_COMMAND = '/bin/false'",
                 "HTML_TO_PLAIN_TEXT_COMMAND = '/bin/sed -e s/<[^>]*>//g %(filename)s'")
    out += maybe('MAX_AUTORESPONSES_PER_DAY = 0', 'MAX_AUTORESPONSES_PER_DAY = 3')
    out += maybe('VERP_PERSONALIZED_DELIVERIES = Yes\nVERP_DELIVERY_INTERVAL = 1', 'VERP_DELIVERY_INTERVAL = 5')
    out += maybe("ANONYMOUS_LIST_KEEP_HEADERS = ['^x-keep:', '^(?!x-)', '(']", 'ANONYMOUS_LIST_KEEP_HEADERS = []')
    out += maybe("DEFAULT_SERVER_LANGUAGE = 'de'", "DEFAULT_SERVER_LANGUAGE = 'fr'")
    out += maybe('ARCHIVE_HTML_SANITIZER = 0', 'ARCHIVE_HTML_SANITIZER = 1', 'ARCHIVE_HTML_SANITIZER = 2',
                 'ARCHIVE_HTML_SANITIZER = 3', "ARCHIVE_HTML_SANITIZER = '/bin/cat %(filename)s'")
    out += maybe('SCRUBBER_DONT_USE_ATTACHMENT_FILENAME = False',
                 'SCRUBBER_DONT_USE_ATTACHMENT_FILENAME = False\nSCRUBBER_USE_ATTACHMENT_FILENAME_EXTENSION = True',
                 'SCRUBBER_USE_ATTACHMENT_FILENAME_EXTENSION = True')
    out += maybe('OWNERS_CAN_PRESERVE_FILTERED_MESSAGES = No')
    out += maybe('ALLOW_CROSS_DOMAIN_SIBLING = Yes')
    out += maybe("DEFAULT_MAIL_COMMANDS_MAX_LINES = 2")
    out += maybe("PUBLIC_ARCHIVE_URL = 'http://%(hostname)s/archives/%(listname)s/'")
    out += maybe("NORMALIZE_FORM = 'NFC'")
    return out
