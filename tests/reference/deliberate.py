"""Python 2. Where ours differs on purpose the original is taught to do the same, so that what follows can be compared. Each
function answers to a row of docs/differences.md, whose beginning its text quotes, and changes nothing else."""
import cPickle
import os
import re

CONTROL = re.compile(r'\r(?!\n)|\x1b(?!\(B|\(J|\(I|\$@|\$A|\$B|\$\(C|\$\(D|\$\)C|\.A)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]')
WITH_ESCAPES = ('iso-2022', 'utf-16', 'utf-32')


def teach(loop):
    """The runner that is about to work, and Mailman's modules."""
    appends_whole()
    leaves_empty_multiparts()
    escapes_controls()
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
        return CONTROL.sub(lambda found: repr(str(found.group(0)))[1:-1], text)

    def init(self, recip, sender, subject=None, text=None, lang=None):
        make(self, recip, sender, escaped(subject, lang), escaped(text, lang), lang)
    Message.UserNotification.__init__ = init


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
