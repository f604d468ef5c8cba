#!/usr/bin/env python3
"""Processor time of the incoming runner where every option is on, Mailman's beside ours.

    BENCH=folder of mmbench.py  BENCH_SITE=a disposable copy of an installed Mailman  BENCH_PYTHON2=python2.7 \\
        every_option.py MEMBERS POSTS RUNS target/release/qrunner

A quarter of the posts is plain text, one is text with HTML, one that with a picture, one has a forbidden attachment and
is refused. Put the site on a file system in memory: then the time is the program's and not the disk's.
"""
import argparse
import base64
import os
import sys

sys.path.insert(0, os.environ['BENCH'])
import mmbench

FOOTER = '-' * 48 + '\n%(real_name)s mailing list for %(user_name)s <%(user_address)s>\n%(user_optionsurl)s\n'
OPTIONS = dict(
    subject_prefix='[Bench %d] ', description='A list with every option on', reply_goes_to_list=1, from_is_list=1,
    header_filter_rules=[['^subject: .*(casino|viagra|loan)\n^x-spam-flag: yes\n^from: .*@spam\\.', 3, False],
                         ['^content-type:.*\\.exe', 2, False], ['received: .*\\[10\\.\\d+\\.', 7, False]],
    bounce_matching_headers='to: friend@public\\.com\nmessage-id: relay.comanche\nfrom: list@listme\\.com\n'
                            'from: .*@uplinkpro\\.com\n',
    accept_these_nonmembers=['^.*@partner\\.example$'], hold_these_nonmembers=['^.*@example\\.biz$'],
    discard_these_nonmembers=['^.*@spam\\.', 'bad@bad.example'], acceptable_aliases='bench@.*\n',
    filter_content=1, pass_mime_types=[], filter_mime_types=['application/x-msdownload', 'video'],
    filter_filename_extensions=['exe', 'bat', 'cmd', 'com', 'pif', 'scr', 'vbs', 'cpl'], collapse_alternatives=1,
    scrub_nondigest=1, topics_enabled=1, topics_bodylines_limit=20,
    topics=[['Roses', 'rose|flower', '', False], ['Weeks', '^week.*\nreport', '', False],
            ['Servers', 'server\\s+\\w+', '', False]],
    personalize=2, msg_header='Hello %(user_name)s\n', msg_footer=FOOTER, digestable=True, digest_size_threshhold=30,
    autorespond_postings=1, autoresponse_postings_text='Thanks for writing to %(listname)s, see %(listurl)s\n',
    autoresponse_graceperiod=0, gateway_to_news=1, linked_newsgroup='comp.bench', nntp_host='localhost', archive=True)
HEADERS = '''\
Received: from a.example.net (a.example.net [192.0.2.7])
\tby mx.example.com with ESMTP id ABC%(number)d;
\tMon, 2 Mar 2026 10:00:00 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
\td=example.net; s=x; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA;
\tb=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
From: Some Member <user%(member)d@d%(member)d.example.net>
To: bench@lists.example.com
Cc: Other <user3@d3.example.net>, x@else.example
Subject: Re: [Bench 12] =?utf-8?q?gr=C3=BCn?= number %(number)d
Message-ID: <bench.%(number)d@d1.example.net>
Date: Mon, 02 Mar 2026 10:00:00 +0000
Keywords: server rose
MIME-Version: 1.0
'''
PICTURE = '''\
Content-Type: image/png; name="a.png"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="a.png"

''' + base64.encodebytes(bytes(range(256)) * 32).decode()


def multipart(kind, mark, parts):
    body = ''.join('--%s\n%s\n' % (mark, part) for part in parts)
    return 'Content-Type: multipart/%s; boundary="%s"\n\n%s--%s--\n' % (kind, mark, body, mark)


def post(number):
    text = mmbench.body(1800, number)
    html = '<html><body><p>' + text.replace('\n', '<br>\n') + '</p></body></html>\n'
    alternative = multipart('alternative', '=_a', [
        'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n' + text + 'gr\u00fcn',
        'Content-Type: text/html; charset=utf-8\n\n' + html])
    latin = ('Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n'
             + text + 'gr=FCn')
    kinds = ['Content-Type: text/plain; charset=us-ascii\n\n' + text, alternative,
             multipart('mixed', '=_m', [alternative, PICTURE]),
             multipart('mixed', '=_m', [latin, PICTURE.replace('a.png', 'b.exe')])]
    return (HEADERS % {'number': number, 'member': number % 10} + kinds[number % 4]).encode()


def main():
    members, posts, runs = map(int, sys.argv[1:4])
    python = os.environ.get('BENCH_PYTHON2', 'python2.7')
    mmbench.ARGS = argparse.Namespace(port=2599, settle=.5, poll=.005, cap=900, runs=runs, json='', domains=200)
    site = mmbench.Site(os.environ['BENCH_SITE'], python)
    engines = [mmbench.Engine('ref=%s {site}/bin/qrunner' % python, site)]
    engines += [mmbench.Engine('rust=' + os.path.abspath(path), site) for path in sys.argv[4:]]
    mmbench.fresh(site)
    mmbench.mklist(site, 'bench', members, **OPTIONS)
    site.fill('in', [(post(number), {'listname': 'bench', 'tolist': 1}) for number in range(posts)])
    site.snapshot()

    def one(engine):
        site.restore()
        result = mmbench.drain(engine, 'IncomingRunner')
        for queue in ('out', 'virgin', 'archive', 'news', 'shunt'):
            result[queue] = site.count(queue)
        return result
    mmbench.trials('every option: %d posts, %d members' % (posts, members), engines, one, posts, 'post')


main()
