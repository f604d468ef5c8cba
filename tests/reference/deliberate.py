"""Python 2. Where ours differs on purpose the original is taught to do the same, so that what follows can be compared. Each
function answers to a row of docs/differences.md, whose beginning its text quotes, and changes nothing else."""
import cPickle
import os
import re

CONTROL = r'\x1b(?!\(B|\(J|\(I|\$@|\$A|\$B|\$\(C|\$\(D|\$\)C|\.A)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]'
IN_NOTICE = re.compile(r'\r(?!\n)|' + CONTROL)
# The stamp of a log's entry.
STAMP = r'[A-Z][a-z][a-z] \d\d \d\d:\d\d:\d\d \d{4} '
IN_LOG = re.compile(r'\n(?=%s)|\r(?!\n(?!%s))|(?<=\xc2)[\x80-\x9f]|' % (STAMP, STAMP) + CONTROL)
NAMED = {'\n': '\\n', '\r': '\\r'}
WITH_ESCAPES = ('iso-2022', 'utf-16', 'utf-32')


def teach(loop):
    """The runner that is about to work, and Mailman's modules."""
    appends_whole()
    leaves_no_attachments()
    names_no_programs()
    leaves_empty_multiparts()
    escapes_controls()
    escapes_controls_in_logs()
    keeps_cookies(loop)


def appends_whole():
    """a post that cannot be written into `digest.mbox`"""
    from Mailman.Mailbox import Mailbox
    append = Mailbox.AppendMessage

    def append_whole(mailbox, msg):
        mailbox.fp.seek(0, 2)
        end = mailbox.fp.tell()
        try:
            append(mailbox, msg)
        except Exception:
            mailbox.fp.flush()
            mailbox.fp.truncate(end)
            if not end:
                os.unlink(mailbox.fp.name)
            raise
    Mailbox.AppendMessage = append_whole


def leaves_no_attachments():
    """attachments of a message that could not be scrubbed for the archive or a digest"""
    from Mailman.Handlers import Scrubber, ToDigest
    save, process = Scrubber.save_attachment, Scrubber.process
    made = []

    def save_attachment(mlist, msg, folder, **how):
        place = os.path.join(mlist.archive_dir(), folder)
        before = files_in(place)
        try:
            return save(mlist, msg, folder, **how)
        finally:
            made.extend([path for path in files_in(place) if path not in before])

    def scrub(mlist, msg, msgdata=None):
        del made[:]
        try:
            return process(mlist, msg, msgdata)
        except Exception:
            for path in made:
                os.unlink(path)
            raise
    Scrubber.save_attachment = save_attachment
    Scrubber.process = ToDigest.scrubber = scrub


RUN = ('html htm shtml shtm stm xhtml xht svg svgz mht mhtml hta htc swf php php3 php4 php5 php7 phtml phar cgi fcgi asp aspx jsp '
       'jspx').split()


def names_no_programs():
    """an extension that servers run in the middle of an attachment's name (`x.php.txt`)"""
    from Mailman.Handlers import Scrubber

    class Cleaner:
        """Takes the leading dots off a name, as `dre` does."""
        dots = Scrubber.dre

        def sub(self, with_what, name):
            name = Scrubber.sre.sub('', self.dots.sub(with_what, name))
            return re.sub(r'(?i)\.(?=(?:%s)(?:\.|$))' % '|'.join(RUN), '_', name)
    Scrubber.dre = Cleaner()


def files_in(folder):
    return [os.path.join(folder, name) for name in os.path.isdir(folder) and os.listdir(folder) or []]


def leaves_empty_multiparts():
    """a `multipart/mixed` with nothing in it"""
    from Mailman.Handlers import Decorate
    decorate = Decorate.process

    def process(mlist, msg, msgdata):
        payload = msg.get_payload()
        is_empty = msg.get_content_type() == 'multipart/mixed' and isinstance(payload, str) and not payload.strip()
        decorate(mlist, msg, msgdata)
        if is_empty:
            msg.set_payload(payload)
    Decorate.process = process


def escapes_controls():
    """control characters in names and headers that a notice tells of"""
    from Mailman import Message, Utils
    make = Message.UserNotification.__init__

    def escaped(text, lang):
        charset = lang is not None and Utils.GetCharSet(lang).lower() or 'us-ascii'
        if text is None or charset.startswith(WITH_ESCAPES):
            return text
        return escape(IN_NOTICE, text)

    def init(self, recip, sender, subject=None, text=None, lang=None):
        make(self, recip, sender, escaped(subject, lang), escaped(text, lang), lang)
    Message.UserNotification.__init__ = init


def escapes_controls_in_logs():
    """control characters (line ends, ESC) in names and headers that a log tells of"""
    from Mailman.Logging.StampedLogger import StampedLogger
    write = StampedLogger.write

    def write_visible(logger, text):
        end = text.endswith('\n') and '\n' or ''
        write(logger, escape(IN_LOG, text[:len(text) - len(end)]) + end)
    StampedLogger.write = write_visible


def escape(pattern, text):
    return pattern.sub(lambda found: NAMED.get(found.group(0)) or '\\x%02x' % ord(found.group(0)), text)


def keeps_cookies(loop):
    """a confirmation that fails on the way (a letter that cannot be encoded)"""
    from Mailman.Pending import Pending
    confirm, one_file = Pending.pend_confirm, loop._onefile
    used = []

    def pend_confirm(mlist, cookie, expunge=True):
        path = mlist._Pending__pendfile
        before = pended(path)
        record = confirm(mlist, cookie, expunge)
        if record is not None and expunge:
            used.append((path, cookie, record, before['evictions'][cookie]))
        return record

    def onefile(msg, msgdata):
        del used[:]
        try:
            one_file(msg, msgdata)
        except Exception:
            for one in used:
                put_back(*one)
            raise
    Pending.pend_confirm = pend_confirm
    loop._onefile = onefile


def pended(path):
    if not os.path.exists(path):
        return {'evictions': {}}
    with open(path, 'rb') as file:
        return cPickle.load(file)


def put_back(path, cookie, record, until):
    table = pended(path)
    table[cookie] = record
    table['evictions'][cookie] = until
    with open(path, 'wb') as file:
        cPickle.dump(table, file)
